// Names of OpenHarmony's SDK that need no import, as far as the face and the sample use them.
declare function setTimeout(handler: () => void, delay?: number): number;
declare namespace console {
  function warn(message: string): void;
}

declare const Entry: ClassDecorator;
declare const Component: ClassDecorator;
declare const State: PropertyDecorator;
declare const Concurrent: MethodDecorator;
declare class CustomComponent {
  build(): void;
}

interface CommonMethod<T> {
  width(value: string | number): T;
  height(value: string | number): T;
  padding(value: number): T;
  layoutWeight(value: number): T;
  enabled(value: boolean): T;
  fontSize(value: number): T;
  onClick(event: () => void): T;
}
interface ButtonAttribute extends CommonMethod<ButtonAttribute> {}
declare const Button: (label: string) => ButtonAttribute;
interface ColumnAttribute extends CommonMethod<ColumnAttribute> {}
declare const Column: (options?: { space?: number }) => ColumnAttribute;
interface RowAttribute extends CommonMethod<RowAttribute> {}
declare const Row: (options?: { space?: number }) => RowAttribute;
interface ScrollAttribute extends CommonMethod<ScrollAttribute> {}
declare const Scroll: () => ScrollAttribute;
interface TextAttribute extends CommonMethod<TextAttribute> {}
declare const Text: (content: string) => TextAttribute;
interface TextInputAttribute extends CommonMethod<TextInputAttribute> {
  onChange(callback: (value: string) => void): TextInputAttribute;
}
declare const TextInput: (options?: { text?: string; placeholder?: string }) => TextInputAttribute;
