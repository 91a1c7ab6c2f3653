import 'reflect-metadata';
import { type DynamicModule, Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import type { ServiceDefinition } from './kit';
import type { ServiceHost } from './service-host';

/** Nest's token of the ServiceHost, provided once by the process. */
export const SERVICE_HOST = Symbol('ServiceHost');

const DEFINITION = Symbol('ServiceDefinition');

@Injectable()
class Service implements OnModuleInit {
  constructor(@Inject(DEFINITION) private readonly definition: ServiceDefinition, @Inject(SERVICE_HOST) private readonly host: ServiceHost) {}

  onModuleInit(): void {
    this.host.compose(this.definition);
  }
}

@Module({})
class ServiceModule {}

/** A service as a Nest module: it begins to compose when the module initialises, and runs until the application closes. */
export function serviceModule(definition: ServiceDefinition): DynamicModule {
  return { module: ServiceModule, providers: [{ provide: DEFINITION, useValue: definition }, Service] };
}
