// The part of OpenHarmony's `@kit.ArkWeb`, API 12, that the face uses.
export namespace webview {
  class WebviewController {
    registerJavaScriptProxy(
      object: object, name: string, methodList: Array<string>, asyncMethodList?: Array<string>,
      permission?: string): void;
    deleteJavaScriptRegister(name: string): void;
    runJavaScript(script: string): Promise<string>;
    getLastJavascriptProxyCallingFrameUrl(): string;
  }
}
