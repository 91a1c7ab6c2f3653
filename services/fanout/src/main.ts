import { runService } from '@heliograph/service-kit/run-service';
import { fanoutService } from './fanout.module';

void runService(fanoutService);
