/** sensors: what is loaded into the kernel, and how it changes: the base sensor, and the policies beside it. */
export { BaseSensor, type BaseSensorOptions } from './base-sensor.ts';
export type { DirectoryEntry } from './directory.ts';
export { readHostNamespaces } from './host-namespaces.ts';
export { type Installed, type PolicyCounts, PolicySensor, type PolicySensorOptions } from './policy-sensor.ts';
export { type Prepared, type PrepareOptions, preparePolicies } from './prepare.ts';
