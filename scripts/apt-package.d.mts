import type { Telling } from './choices.mjs';

export interface WantedPackage {
  /** What it is, in words. */
  readonly name: string;
  /** The folder for it, in the project. */
  readonly home: string;
  /** Patterns of package names; the first that apt knows counts, and the highest version of it. */
  readonly packages: readonly { readonly search: string; readonly also?: readonly string[] }[];
  /** The paths of the programs, below the folder where the packages are unpacked. */
  readonly programs: (files: string) => string[];
}

export interface UnpackedPackage {
  /** The folder that holds all of it. */
  readonly files: string;
  readonly programs: readonly string[];
  readonly libraryPath: string;
  readonly how: string;
}

export function unpackedPackage(
  wanted: WantedPackage,
  telling: Telling,
): Promise<UnpackedPackage | undefined>;
