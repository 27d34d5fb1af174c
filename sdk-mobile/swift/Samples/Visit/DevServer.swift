import Carewire
import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// What an application's own backend does, done by a server in `--dev`.
struct DevServer: Sendable {
    let address: String

    func token(_ user: UserID, _ role: String) async throws -> String {
        struct Reply: Decodable { var token: String }
        let body = try JSONEncoder().encode(["sub": user.rawValue, "role": role])
        return try JSONDecoder().decode(Reply.self, from: try await call("POST", "/dev/token", body)).token
    }

    func putInCare(_ doctor: UserID, _ patient: UserID) async throws {
        let token = try await token("ehr", "service")
        _ = try await call("PUT", "/v1/care-team/\(doctor)/\(patient)", Data(), token)
    }

    private struct Refusal: Error {
        var path: String
        var status: Int?
    }

    private func call(_ method: String, _ path: String, _ body: Data, _ token: String? = nil) async throws -> Data {
        var request = URLRequest(url: URL(string: "http://\(address)\(path)")!)
        request.httpMethod = method
        request.httpBody = body
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "authorization") }
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode
        guard let status, (200..<300).contains(status) else { throw Refusal(path: path, status: status) }
        return data
    }
}
