// Names of OpenHarmony's SDK that the face uses.
declare function setTimeout(handler: () => void, delay?: number): number;
