import type { Telling } from './choices.mjs';

export interface WantedPackage {
  /** A human-readable name. */
  readonly name: string;
  /** The folder for it, in the project. */
  readonly home: string;
  /** Patterns of package names; the first known to apt is used, in its highest version. */
  readonly packages: readonly { readonly search: string; readonly also?: readonly string[] }[];
  /** The paths of the programs, below the folder where the packages are unpacked. */
  readonly programs: (files: string) => string[];
}

export interface UnpackedPackage {
  /** The folder that contains everything. */
  readonly files: string;
  readonly programs: readonly string[];
  readonly libraryPath: string;
  readonly how: string;
}

export function unpackedPackage(
  wanted: WantedPackage,
  telling: Telling,
): Promise<UnpackedPackage | undefined>;
