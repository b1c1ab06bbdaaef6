// The part of OpenHarmony's `@kit.NetworkKit`, API 12, that the face uses.
export namespace connection {
  interface NetHandle {
    netId: number;
  }
  interface NetAddress {
    address: string;
    family?: number;
    port?: number;
  }
  interface LinkAddress {
    address: NetAddress;
    prefixLength: number;
  }
  interface ConnectionProperties {
    linkAddresses: Array<LinkAddress>;
  }
  interface NetConnectionPropertyInfo {
    netHandle: NetHandle;
    connectionProperties: ConnectionProperties;
  }
  interface NetBlockStatusInfo {
    netHandle: NetHandle;
    blocked: boolean;
  }
  interface HttpProxy {
    host: string;
    port: number;
    exclusionList: Array<string>;
    username?: string;
    password?: string;
  }
  interface NetConnection {
    on(type: 'netAvailable', callback: (data: NetHandle) => void): void;
    on(type: 'netLost', callback: (data: NetHandle) => void): void;
    on(
      type: 'netConnectionPropertiesChange',
      callback: (data: NetConnectionPropertyInfo) => void): void;
    on(type: 'netBlockStatusChange', callback: (data: NetBlockStatusInfo) => void): void;
    register(callback: (error: Error | undefined) => void): void;
    unregister(callback: (error: Error | undefined) => void): void;
  }
  function createNetConnection(): NetConnection;
  function getDefaultNetSync(): NetHandle;
  function getDefaultHttpProxy(): Promise<HttpProxy>;
}
