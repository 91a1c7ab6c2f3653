import type { DescMessage, DescMethod, DescService, Message } from '@bufbuild/protobuf';
import { decode, encode } from '@heliograph/protos/codec';
import { methodName } from './network';

export type Init = Record<string, unknown>;

const serializer = (desc: DescMessage) => (message: Init): Buffer => encode(desc, message);
// NOTE: zero-copy: `bytes` fields are views into the frame, which stays alive as long as they do.
const deserializer = (desc: DescMessage) => (bytes: Buffer): Message => decode(desc, bytes);

/** A method as grpc-js wants it: requests go out as what callers write and come in as messages, answers the other way round. */
export interface GrpcMethod {
  path: string;
  requestStream: boolean;
  responseStream: boolean;
  originalName: string;
  requestSerialize(message: Init): Buffer;
  requestDeserialize(bytes: Buffer): Message;
  responseSerialize(message: Init): Buffer;
  responseDeserialize(bytes: Buffer): Message;
}

/** Every streaming kind is registered as bidirectional: the wire is the same, and one code path handles it. */
export function grpcMethod(method: DescMethod): GrpcMethod {
  const streams = method.methodKind !== 'unary';
  return {
    path: `/${methodName(method)}`,
    requestStream: streams,
    responseStream: streams,
    originalName: method.localName,
    requestSerialize: serializer(method.input),
    requestDeserialize: deserializer(method.input),
    responseSerialize: serializer(method.output),
    responseDeserialize: deserializer(method.output),
  };
}

export function grpcService(desc: DescService): Record<string, GrpcMethod> {
  return Object.fromEntries(desc.methods.map((method) => [method.localName, grpcMethod(method)]));
}
