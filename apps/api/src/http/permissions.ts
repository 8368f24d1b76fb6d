/**
 * What a route needs its caller to be allowed to do. `submit`: submit transfers and cancel one's own. `read`: read everything but
 * the audit. `train`: use the simulator. `act`: dead letters, pause, resume, cancel any. `audit`: read who did what.
 * `configure`: read the masked configuration.
 */
export type Permission = 'submit' | 'read' | 'train' | 'act' | 'audit' | 'configure';
