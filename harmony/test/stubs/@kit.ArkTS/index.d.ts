// The part of OpenHarmony's `@kit.ArkTS` that the face uses.
export namespace util {
  function generateRandomUUID(entropyCache?: boolean): string;
}
