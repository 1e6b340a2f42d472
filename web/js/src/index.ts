/**
 * clusterclip: exact K-Means and ClusterClip sampling, the same bytes in every browser as on the command line.
 *
 * @packageDocumentation
 */
export { Clusterer, type ReadOptions, type RunResult } from './clusterer.js';
export { type ClusterResult, Dataset, type Summary } from './dataset.js';
export type { Draw, DrawArrays } from './draws.js';
export {
  AbortedError,
  ClusterclipError,
  DeviceError,
  type ErrorKind,
  InputError,
  InternalError,
  MemoryError,
} from './errors.js';
export type { Progress, Slow, Stage } from './events.js';
export type { ClusterExposure, Exposure, OrderWeights, Topics } from './exposure.js';
export { FILE_ENDS, type FileFormat, formatOf } from './formats.js';
export { type NpyArray, type NpyData, type NpyOptions, readNpy, writeNpy } from './npy.js';
export type { ClusterWeight, KMeansOptions, SamplerOptions, Whole } from './options.js';
export { Sampler, type SamplerSource } from './sampler.js';
export { isOfModel, StaticTable, type TableSource } from './table.js';
export { Walk, type WalkOptions } from './walk.js';
export type { WasmSource } from './wasm.js';
export type { Places } from './worker/client.js';
export type { DeviceChoice, DeviceInfo } from './worker/protocol.js';
