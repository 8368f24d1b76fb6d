import type { components } from './api.ts';

type Schemas = components['schemas'];

/** The things of the API under their own names; what each field means stands in its OpenAPI document. */
export type Accepted = Schemas['Accepted'];
export type Action = Schemas['Action'];
export type ActionPreview = Schemas['ActionPreview'];
export type ActionStarted = Schemas['ActionStarted'];
export type BatchResult = Schemas['BatchResult'];
export type BillingRecord = Schemas['BillingRecord'];
export type DeadLetter = Schemas['DeadLetter'];
export type Discrepancy = Schemas['Discrepancy'];
export type Outcome = Schemas['Outcome'];
export type Problem = Schemas['Problem'];
export type ProblemCode = Schemas['ProblemCode'];
export type QualityReport = Schemas['QualityReport'];
export type Reason = Schemas['Reason'];
export type ReplayMany = Omit<Schemas['ReplayMany'], 'dryRun' | 'reason'> & { reason: string };
export type ResolveMany = Omit<Schemas['ResolveMany'], 'dryRun' | 'reason'> & { reason: string };
export type SimulatedTransfer = Schemas['SimulatedTransfer'];
export type SystemStatus = Schemas['Status'];
export type Target = Schemas['Target'];
export type TimelineEntry = Schemas['TimelineEntry'];
export type TimelineStep = Schemas['TimelineStep'];
export type TrainingRun = Schemas['TrainingRun'];
export type Transfer = Schemas['Transfer'];
export type TransferItem = Schemas['TransferItem'];
export type TransferRequest = Schemas['TransferRequest'];
export type TransferStatus = Schemas['TransferStatus'];
