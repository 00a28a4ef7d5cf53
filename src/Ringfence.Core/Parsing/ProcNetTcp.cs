using System.Buffers.Binary;
using System.Globalization;
using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>One TCP socket of this machine.</summary>
/// <param name="State">As in the kernel's net/tcp_states.h: <see cref="ProcNetTcp.Established"/>, 10 listens.</param>
internal readonly record struct TcpSocket(Address Local, ushort LocalPort, Address Remote, ushort RemotePort, byte State);

/// <summary>The tables /proc/net/tcp and /proc/net/tcp6.</summary>
/// <remarks>proc_pid_net(5). Not hostile text, but nothing in it is taken on trust either: a line of another shape is passed over.</remarks>
internal static class ProcNetTcp
{
    public const byte Established = 1;

    /// <param name="littleEndian">Of the machine that wrote the table: each 32 bits of an address are printed as a number of that machine.</param>
    public static List<TcpSocket> Parse(ReadOnlySpan<byte> table, bool littleEndian)
    {
        var sockets = new List<TcpSocket>();
        while (!table.IsEmpty)
        {
            var end = table.IndexOf((byte)'\n');
            var line = end < 0 ? table : table[..end];
            table = end < 0 ? default : table[(end + 1)..];
            if (ParseLine(line, littleEndian) is { } socket)
            {
                sockets.Add(socket);
            }
        }

        return sockets;
    }

    //   sl  local_address rem_address   st tx_queue ...
    //    0: 0100007F:0016 00000000:0000 0A 00000000:00000000 ...
    private static TcpSocket? ParseLine(ReadOnlySpan<byte> line, bool littleEndian)
    {
        Span<Range> words = stackalloc Range[5];
        if (line.Length > 1024 || Split(line, words) < 4 || !line[words[0]].EndsWith((byte)':'))
        {
            return null;
        }

        return ParseEnd(line[words[1]], littleEndian) is { } local
            && ParseEnd(line[words[2]], littleEndian) is { } remote
            && line[words[3]].Length == 2
            && byte.TryParse(line[words[3]], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var state)
            ? new TcpSocket(local.Address, local.Port, remote.Address, remote.Port, state)
            : null;
    }

    private static (Address Address, ushort Port)? ParseEnd(ReadOnlySpan<byte> text, bool littleEndian)
    {
        var colon = text.IndexOf((byte)':');
        if (colon is not (8 or 32) || text.Length != colon + 5
            || !ushort.TryParse(text[(colon + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[colon / 2];
        for (var at = 0; at < colon; at += 8)
        {
            if (!uint.TryParse(text.Slice(at, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var word))
            {
                return null;
            }

            BinaryPrimitives.WriteUInt32BigEndian(bytes[(at / 2)..], littleEndian ? BinaryPrimitives.ReverseEndianness(word) : word);
        }

        return (Address.FromBytes(bytes), port);
    }

    private static int Split(ReadOnlySpan<byte> line, Span<Range> words)
    {
        var count = 0;
        var at = 0;
        while (count < words.Length)
        {
            while (at < line.Length && line[at] == ' ')
            {
                at++;
            }

            if (at == line.Length)
            {
                break;
            }

            var start = at;
            while (at < line.Length && line[at] != ' ')
            {
                at++;
            }

            words[count++] = start..at;
        }

        return count;
    }
}
