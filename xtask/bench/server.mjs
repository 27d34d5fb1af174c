// A chat room in Socket.IO, as its documentation shows it: what `cargo xtask bench` measures
// Carewire beside. Settings come in JWT_SECRET and PORT.
import { createServer } from "node:http";
import jwt from "jsonwebtoken";
import { Server } from "socket.io";

const { JWT_SECRET, PORT } = process.env;
const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });

io.use((socket, next) => {
  try {
    socket.data.user = jwt.verify(socket.handshake.auth.token, JWT_SECRET, { algorithms: ["HS256"] });
    next();
  } catch {
    next(new Error("Authentication error: Invalid token"));
  }
});

io.on("connection", (socket) => {
  socket.on("join", (room, done) => {
    socket.join(room);
    done();
  });
  socket.on("publish", (room, body) => io.to(room).emit("event", body));
  socket.on("touch", (_body, done) => done());
});

http.listen(Number(PORT), "127.0.0.1");
