import Carewire
import Foundation

// The argument is the address of a server in `--dev`, as `cargo run` starts it: `127.0.0.1:9003`.
let server = DevServer(address: CommandLine.arguments.dropFirst().first ?? "127.0.0.1:9003")
let (lee, ana): (UserID, UserID) = ("dr-lee", "ana")
try await server.putInCare(lee, ana)
try await visit(url: URL(string: "ws://\(server.address)/ws")!, lee: lee, ana: ana) { [server, lee] user in
    try await server.token(user, user == lee ? "provider" : "patient")
}
