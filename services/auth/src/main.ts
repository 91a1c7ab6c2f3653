import { runService } from '@heliograph/service-kit/run-service';
import { authService } from './auth.module';

void runService(authService);
