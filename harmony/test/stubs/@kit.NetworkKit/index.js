// OpenHarmony's `@kit.NetworkKit` under Node: a device whose network a test changes.
const registered = new Set();

/** The default network; 0 without one. */
exports.device = {
  network: 100,
  refusal: undefined,
  /** The proxy of the system's settings. */
  proxy: { host: '', port: 0, exclusionList: [] },
  get observers() {
    return registered.size;
  },
  tell(type, data) {
    for (const { listeners } of [...registered]) listeners.get(type)?.(data);
  },
};

class NetConnection {
  listeners = new Map();

  on(type, listener) {
    this.listeners.set(type, listener);
  }

  register(done) {
    const { refusal } = exports.device;
    if (!refusal) registered.add(this);
    setImmediate(done, refusal);
  }

  unregister(done) {
    const error = registered.delete(this) ? undefined : new Error('2101007');
    setImmediate(done, error);
  }
}

exports.connection = {
  createNetConnection: () => new NetConnection(),
  async getDefaultHttpProxy() {
    if (exports.device.refusal) throw exports.device.refusal;
    return exports.device.proxy;
  },
  getDefaultNetSync() {
    if (exports.device.refusal) throw exports.device.refusal;
    return { netId: exports.device.network };
  },
};
