import { useConnection, useRoom } from "carewire/react";
import { useState } from "react";
import { Chart } from "../chart/Chart";
import { Chat } from "../chat/Chat";
import { useMe } from "../clinic/me";
import { chatOf } from "../clinic/people";
import { Today } from "../today/Today";
import { Ringing } from "../visit/Ringing";
import { Visit } from "../visit/Visit";
import { Closed } from "./Closed";
import { Header } from "./Header";
import { Idle } from "./Idle";
import { Maintenance } from "./Maintenance";
import { Tabs, type Tab } from "./Tabs";
import { Toasts } from "./Toasts";
import { useDesk } from "./useDesk";

/** Everything a person who is signed in sees. */
export function Shell({ onSignOut }: { onSignOut(): void }) {
  const me = useMe();
  const [tab, setTab] = useState<Tab>("chat");
  const [room, setRoom] = useState(() => chatOf(me));
  const status = useConnection((connection) => connection.status);
  // Wherever one is: what is written to a room that is joined has arrived.
  useRoom(chatOf(me), () => undefined);
  useDesk(status === "connected");
  if (status === "closed") return <Closed onSignOut={onSignOut} />;
  return (
    <>
      <Header onSignOut={onSignOut} />
      <Idle />
      <Maintenance />
      <Tabs current={tab} onChange={setTab} />
      <div className="page" role="tabpanel" id={`${me.id}-page`} aria-labelledby={`${me.id}-${tab}`}>
        {tab === "today" && (
          <Today
            onOpen={(id) => {
              setRoom(id);
              setTab("chat");
            }}
          />
        )}
        {tab === "chat" && <Chat key={room} room={room} />}
        {tab === "visit" && <Visit />}
        {tab === "chart" && <Chart />}
      </div>
      <Ringing onAccepted={() => setTab("visit")} />
      <Toasts />
    </>
  );
}
