// The preload script of the window: it hands the channel to the page, then runs the page's script.
const { contextBridge, ipcRenderer, webFrame } = require('electron');

contextBridge.exposeInMainWorld('gadgetRequest', {
  postMessage: (message) => ipcRenderer.invoke('gadget-request', message),
});
webFrame.executeJavaScript(ipcRenderer.sendSync('gadget-request-script'));
