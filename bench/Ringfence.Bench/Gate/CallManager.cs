using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ringfence.Bench.Gate;

/// <summary>The manager interface of a PBX on which calls go on: lets in whoever logs in, lists the calls, and tells of those that begin and end.</summary>
/// <remarks>What it says stands as a real Asterisk 22 says it (tests/Ringfence.SystemTests hold the guard against that one): here it is asked for thousands of calls a second.</remarks>
/// <param name="port">Of loopback.</param>
/// <param name="calls">How many calls to outside go on all the time.</param>
internal sealed class CallManager(int port, int calls) : IDisposable
{
    private const string Up = "6\r\nChannelStateDesc: Up";
    private const string Ring = "4\r\nChannelStateDesc: Ring";

    private readonly TcpListener _listener = new(IPAddress.Loopback, port);
    private readonly ConcurrentDictionary<Socket, bool> _tellsCalls = new();

    public void Start() => _listener.Start();

    /// <summary>Until told to stop; each connection has a thread of its own.</summary>
    public void Serve()
    {
        while (true)
        {
            Socket one;
            try
            {
                one = _listener.AcceptSocket();
            }
            catch (SocketException)
            {
                return;
            }

            new Thread(() => Answer(one)) { IsBackground = true }.Start();
        }
    }

    /// <summary>A phone's channel appears.</summary>
    public void Began(string id, string channel, string number) => Tell("Event: Newchannel\r\nPrivilege: call,all\r\n" + Channel(channel, Ring, number, id, id) + "\r\n");

    public void Ended(string id, string channel, string number) => Tell("Event: Hangup\r\nPrivilege: call,all\r\n" + Channel(channel, Ring, number, id, id) + "Cause: 16\r\nCause-txt: Normal Clearing\r\n\r\n");

    public void Dispose() => _listener.Dispose();

    private static string Channel(string channel, string state, string number, string id, string linked) =>
        $"Channel: {channel}\r\nChannelState: {state}\r\nCallerIDNum: 2000\r\nCallerIDName: <unknown>\r\nConnectedLineNum: <unknown>\r\nConnectedLineName: <unknown>\r\nLanguage: en\r\nAccountCode: \r\n"
        + $"Context: phones\r\nExten: {number}\r\nPriority: 1\r\nUniqueid: {id}\r\nLinkedid: {linked}\r\n";

    private void Tell(string message)
    {
        var bytes = Encoding.ASCII.GetBytes(message);
        foreach (var (socket, _) in _tellsCalls)
        {
            // One message after the other: many threads tell.
            lock (socket)
            {
                socket.Send(bytes);
            }
        }
    }

    private void Answer(Socket socket)
    {
        using (socket)
        {
            try
            {
                using var stream = new NetworkStream(socket);
                using var reader = new StreamReader(stream, Encoding.ASCII);
                Say(socket, "Asterisk Call Manager/11.0.0\r\n");
                Dictionary<string, string> action = new(StringComparer.Ordinal);
                while (reader.ReadLine() is { } line)
                {
                    if (line.Length > 0)
                    {
                        var colon = line.IndexOf(": ", StringComparison.Ordinal);
                        action[line[..colon]] = line[(colon + 2)..];
                        continue;
                    }

                    Do(socket, action);
                    action.Clear();
                }
            }
            catch (IOException)
            {
            }
            catch (SocketException)
            {
            }

            _tellsCalls.TryRemove(socket, out _);
        }
    }

    private void Do(Socket socket, Dictionary<string, string> action)
    {
        var id = action["ActionID"];
        Say(socket, $"Response: Success\r\nActionID: {id}\r\n{(action["Action"] switch { "Challenge" => "Challenge: 202562115\r\n", "Ping" => "Ping: Pong\r\n", _ => "Message: Done\r\n" })}\r\n");
        if (action["Action"] == "Login" && action["Events"].Contains("call", StringComparison.Ordinal))
        {
            _tellsCalls[socket] = true;
        }

        if (action["Action"] == "Status")
        {
            var list = new StringBuilder();
            for (var call = 0; call < calls; call++)
            {
                var (phone, trunk, number) = ($"1795000000.{2 * call}", $"1795000000.{(2 * call) + 1}", string.Create(CultureInfo.InvariantCulture, $"0301{call:000000}"));
                list.Append(CultureInfo.InvariantCulture, $"Event: Status\r\nPrivilege: Call\r\n{Channel($"PJSIP/{20_000 + call}-{call:x8}", Up, number, phone, phone)}Type: PJSIP\r\nApplication: Dial\r\nData: PJSIP/{number}@trunk-a,60\r\nSeconds: 60\r\nActionID: {id}\r\n\r\n");
                list.Append(CultureInfo.InvariantCulture, $"Event: Status\r\nPrivilege: Call\r\n{Channel($"PJSIP/trunk-a-{call:x8}", Up, number, trunk, phone)}Type: PJSIP\r\nApplication: AppDial\r\nData: (Outgoing Line)\r\nSeconds: 60\r\nActionID: {id}\r\n\r\n");
            }

            list.Append(CultureInfo.InvariantCulture, $"Event: StatusComplete\r\nPrivilege: Call\r\nItems: {2 * calls}\r\nActionID: {id}\r\n\r\n");
            Say(socket, list.ToString());
        }
    }

    private static void Say(Socket socket, string text)
    {
        lock (socket)
        {
            socket.Send(Encoding.ASCII.GetBytes(text));
        }
    }
}
