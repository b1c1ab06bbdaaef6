// What OpenHarmony's SDK declares and the face uses.
declare function setTimeout(handler: () => void, delay?: number): number;
