import { runService } from '@heliograph/service-kit/run-service';
import { keyringService } from './keyring.module';

void runService(keyringService);
