/// <reference lib="esnext.disposable" preserve="true" />

export { CarewireProvider, type CarewireProviderProps } from "./provider.js";
export { useCarewire } from "./context.js";
export { useLive, type Hook, type Maybe } from "./live.js";
export { ConnectionStatus, useConnection, type Connection } from "./connection.js";
export { CallVideo } from "./video.js";
export {
  useAppointments,
  useCall,
  useEvent,
  useInbox,
  useLiveData,
  useMessages,
  useNotifications,
  usePresence,
  useRecord,
  useRecordLock,
  useReport,
  useRoom,
  useTyping,
  useUnread,
  useWhiteboard,
} from "./hooks.js";
