import { runService } from '@heliograph/service-kit/run-service';
import { messageStoreService } from './message-store.module';

void runService(messageStoreService);
