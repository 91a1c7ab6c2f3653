import { loopbackDirectory } from './grpc-directory';
import { GrpcNetwork } from './grpc-network';
import type { Logger } from './kit';
import { networkContract } from './network-contract';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

networkContract('gRPC over loopback', () => Promise.resolve(new GrpcNetwork({ log: () => silent, directory: loopbackDirectory() })));
