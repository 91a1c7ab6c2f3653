import { runService } from '@heliograph/service-kit/run-service';
import { usersService } from './users.module';

void runService(usersService);
