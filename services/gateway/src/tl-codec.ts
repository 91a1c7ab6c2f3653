import type { Api, MethodName, TypeUpdates } from '@heliograph/tl/api';
import { isBotOnly, isLoginFree, isUserOnly } from '@heliograph/tl/catalogue';
import { LAYERS, methodName, NEWEST_LAYER } from '@heliograph/tl/layers';
import { readObject, readResult } from '@heliograph/tl/reader';
import { writeObject, writeResult } from '@heliograph/tl/writer';
import type { Codec } from './codec';

/** TL by the served schemas. */
export const tlCodec: Codec = {
  newestLayer: NEWEST_LAYER,
  layers: LAYERS,
  methodName,
  readResult: (method, bytes) => readResult(method as MethodName, bytes),
  writeResult: (method, value, layer) => writeResult(method as MethodName, value as Api[MethodName]['result'], layer),
  readUpdates: (bytes) => readObject(bytes, 'Updates'),
  writeUpdates: (value, layer) => writeObject(value as TypeUpdates, layer),
  isLoginFree,
  isUserOnly,
  isBotOnly,
};
