import { runService } from '@heliograph/service-kit/run-service';
import { gatewayService } from './gateway.module';

void runService(gatewayService);
