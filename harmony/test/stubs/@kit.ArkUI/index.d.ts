// The part of OpenHarmony's `@kit.ArkUI`, API 12, that the sample uses.
export namespace window {
  interface WindowStage {
    loadContent(path: string): Promise<void>;
  }
}
