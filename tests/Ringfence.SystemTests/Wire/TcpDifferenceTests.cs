using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Ringfence.SystemTests.Wire;

/// <summary>Whatever segments a stranger sends, the wire reads what a real Linux socket's reader gets. Seeded: a failure comes again.</summary>
public sealed class TcpDifferenceTests : IDisposable
{
    // For a longer run.
    private static readonly int Connections = int.TryParse(Environment.GetEnvironmentVariable("RINGFENCE_DIFFERENCES"), out var number) ? number : 60;

    private readonly TcpPeer _peer = Made();

    public void Dispose() => _peer.Dispose();

    [Theory]
    [InlineData(1, Trick.Order)]
    [InlineData(2, Trick.Order | Trick.Overlap)]
    [InlineData(3, Trick.Order | Trick.Refused)]
    [InlineData(4, Trick.Urgent)]
    [InlineData(6, Trick.Filtered)]
    [InlineData(5, Trick.Order | Trick.Overlap | Trick.Refused | Trick.Urgent)]
    public void The_wire_reads_what_the_reader_of_a_real_socket_gets(int seed, Trick tricks)
    {
        var random = new Random(20_261_121 + seed);
        var (connections, exact, told) = (0, 0, 0);
        for (; connections < Connections; connections++)
        {
            var (got, isExact) = Talk(random, tricks);
            exact += isExact ? 1 : 0;
            told += Readings().Contains(got, StringComparer.Ordinal) ? 0 : 1;
            Assert.True(_peer.IsLost || Readings().Contains(got, StringComparer.Ordinal), $"connection {connections}: the reader got other bytes than the wire: {string.Join("; ", Readings().Select(read => Difference(got, read)))}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{tricks}: {exact} of {connections} in the first reading; {told} in none, and told");
        Assert.InRange(told, 0, connections / 10);
    }

    private static TcpPeer Made()
    {
        Requires.Root();
        Requires.Tool("nft");
        return new TcpPeer();
    }

    private List<string> Readings() => [.. Enumerable.Range(0, _peer.Stream.Readings).Select(i => Encoding.Latin1.GetString(_peer.Stream.At(i).Kept))];

    // What a sender wants to be read, with what he sends beside it.
    private (string Got, bool IsExact) Talk(Random random, Trick tricks)
    {
        var text = Letters(random, random.Next(100, 1_500), 'a');
        var first = random.Next(3) == 0 ? uint.MaxValue - (uint)random.Next(600) : (uint)random.Next();
        using var server = _peer.Connect(first, random.Next(2) == 0);
        server.ReceiveTimeout = (int)TcpPeer.Patience.TotalMilliseconds;
        var clock = Stopwatch.StartNew();
        var got = new StringBuilder();
        var buffer = new byte[65_536];
        var isPrompt = random.Next(2) == 0;
        for (var step = 0; _peer.Acknowledged != first + (uint)text.Length; step++)
        {
            var at = (int)(_peer.Acknowledged - first);

            // In the end only what is missing.
            var isTrick = step < 40 && random.Next(2) == 0;
            var from = isTrick && tricks.HasFlag(Trick.Order) ? Math.Min(text.Length - 1, at + random.Next(0, 300)) : at;
            var length = Math.Min(text.Length - from, random.Next(1, 200));
            _peer.Clock += (uint)random.Next(3);
            if (isTrick && tricks.HasFlag(Trick.Refused) && random.Next(2) == 0)
            {
                SendRefused(random, first + (uint)from, Encoding.Latin1.GetBytes(Letters(random, length, 'A')));
            }
            else if (isTrick && tricks.HasFlag(Trick.Overlap) && random.Next(2) == 0)
            {
                var start = Math.Max(0, from - random.Next(0, 60));
                _peer.Send(first + (uint)start, Encoding.Latin1.GetBytes(Letters(random, Math.Min(random.Next(1, 260), text.Length - start), 'A')));
            }
            else if (isTrick && tricks.HasFlag(Trick.Filtered))
            {
                _peer.Send(first + (uint)from, Encoding.Latin1.GetBytes(Letters(random, length, 'A')), isFiltered: true);
            }
            else
            {
                _peer.Send(first + (uint)from, Encoding.Latin1.GetBytes(text.Substring(from, length)), urgent: tricks.HasFlag(Trick.Urgent) && random.Next(6) == 0 ? (ushort)random.Next(1, 300) : (ushort)0);
            }

            if (isPrompt)
            {
                Read(server, buffer, got);
            }

            Assert.True(clock.Elapsed < TcpPeer.Patience, "the server takes nothing any more");
            Thread.Yield();
        }

        _peer.Send(first + (uint)text.Length, [], flags: 17);
        server.Blocking = true;
        for (var read = 1; read > 0;)
        {
            read = server.Receive(buffer);
            got.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        _peer.See();
        return (got.ToString(), Readings()[0] == got.ToString());
    }

    private static string Difference(string got, string read)
    {
        var at = got.Zip(read).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"{got.Length} and {read.Length} bytes, from {at} on \"{Part(got, at)}\" and \"{Part(read, at)}\"";
    }

    private static string Part(string text, int at) => text[Math.Min(at, text.Length)..Math.Min(at + 20, text.Length)];

    // Each is dropped by the kernel, and stands where the next true bytes will be.
    private void SendRefused(Random random, uint sequence, byte[] bytes)
    {
        switch (random.Next(5))
        {
            case 0:
                _peer.Send(sequence, bytes, acknowledgment: _peer.Told + 1 + (uint)random.Next(1 << 30));
                break;
            case 1 when _peer.HasTimestamps:
                _peer.Send(sequence, bytes, clock: _peer.Clock - 100_000);
                break;
            case 2:
                _peer.Send(sequence, bytes, isDamaged: true);
                break;
            case 3:
                _peer.Send(sequence, bytes, flags: 0);
                break;
            default:
                _peer.Send(sequence + 500_000, bytes);
                break;
        }
    }

    private static void Read(Socket server, byte[] buffer, StringBuilder got)
    {
        server.Blocking = false;
        while (server.Poll(0, SelectMode.SelectRead))
        {
            var read = server.Receive(buffer, SocketFlags.None, out var error);
            if (error != SocketError.Success || read == 0)
            {
                return;
            }

            got.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
    }

    private static string Letters(Random random, int length, char from) => string.Create(length, (random, from), static (span, state) =>
    {
        foreach (ref var letter in span)
        {
            letter = (char)(state.from + state.random.Next(26));
        }
    });

    [Flags]
    public enum Trick
    {
        None = 0,

        /// <summary>Segments come early and twice.</summary>
        Order = 1,

        /// <summary>The same place is written with other bytes.</summary>
        Overlap = 2,

        /// <summary>Segments that the kernel drops.</summary>
        Refused = 4,

        /// <summary>Urgent bytes.</summary>
        Urgent = 8,

        /// <summary>Segments that a firewall behind the wire drops, before the true ones.</summary>
        Filtered = 16,
    }
}
