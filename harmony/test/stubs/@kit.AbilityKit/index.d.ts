// The part of OpenHarmony's `@kit.AbilityKit`, API 12, that the face and the sample use.
import { window } from '@kit.ArkUI';

export interface ApplicationStateChangeCallback {
  onApplicationForeground(): void;
  onApplicationBackground(): void;
}
export namespace common {
  class Context {
    filesDir: string;
    getApplicationContext(): ApplicationContext;
  }
  class ApplicationContext extends Context {
    on(type: 'applicationStateChange', callback: ApplicationStateChangeCallback): void;
    off(type: 'applicationStateChange', callback?: ApplicationStateChangeCallback): void;
  }
}
export interface Want {
  uri?: string;
}
export namespace AbilityConstant {
  interface LaunchParam {
    lastExitMessage: string;
  }
}
export class UIAbility {
  context: common.Context;
  onCreate(want: Want, launchParam: AbilityConstant.LaunchParam): void;
  onWindowStageCreate(stage: window.WindowStage): void;
}
