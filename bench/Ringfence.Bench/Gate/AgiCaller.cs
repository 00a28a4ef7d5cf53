using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ringfence.Bench.Gate;

/// <summary>A call that asks a gate as Asterisk's AGI() does: a connection, the headers, then an answer to each command until the other side closes.</summary>
internal sealed class AgiCaller(string id, string channel, string number)
{
    private readonly byte[][] _writes = [.. Writes(id, channel, number).Select(Encoding.ASCII.GetBytes)];

    public string Id => id;

    public string Channel => channel;

    public string Number => number;

    /// <returns>Whether it may leave.</returns>
    /// <exception cref="IOException">There was no verdict.</exception>
    public bool Ask(IPEndPoint gate, byte[] buffer)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(gate);
        foreach (var write in _writes)
        {
            socket.Send(write);
        }

        var (isAllowed, hasVerdict) = (false, false);
        while (socket.Receive(buffer) is > 0 and var length)
        {
            var commands = buffer.AsSpan(0, length);
            hasVerdict |= commands.IndexOf("VERDICT"u8) >= 0;
            isAllowed |= commands.IndexOf("VERDICT \"allow\""u8) >= 0;
            socket.Send("200 result=1\n"u8);
        }

        return hasVerdict ? isAllowed : throw new IOException("the gate gave no verdict");
    }

    // Asterisk writes line by line, and Nagle's algorithm puts together what comes while the first of them is not acknowledged (launch_netscript and setup_env of res_agi.c).
    private static IEnumerable<string> Writes(string id, string channel, string number)
    {
        // As `calls gate --print` has them; the last is drawn anew for each call.
        string[] arguments = ["1", id, channel, number, "", "trunk-a", "", "", "3000", "", "415623447"];
        return
        [
            "agi_network: yes\n", "agi_network_script: gate/415623447\n",
            $"agi_request: agi://127.0.0.1:4573/gate/415623447\nagi_channel: {channel}\nagi_language: en\nagi_type: PJSIP\nagi_uniqueid: {id}\nagi_version: 22.10.0\nagi_callerid: 3000\nagi_calleridname: unknown\n"
            + "agi_callingpres: 0\nagi_callingani2: 0\nagi_callington: 0\nagi_callingtns: 0\nagi_dnid: unknown\nagi_rdnis: unknown\nagi_context: ringfence-gate\nagi_extension: s\nagi_priority: 9\nagi_enhanced: 0.0\n"
            + "agi_accountcode: \nagi_threadid: 139640135489216\n" + string.Concat(arguments.Select(static (argument, at) => string.Create(CultureInfo.InvariantCulture, $"agi_arg_{at + 1}: {argument}\n"))) + "\n",
        ];
    }
}
