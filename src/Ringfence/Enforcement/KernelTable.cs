using System.Text;
using Ringfence.Core.Firewall;

namespace Ringfence.Enforcement;

/// <summary>The conversation with the kernel about a table of ours, over one netlink socket. Any thread may ask; one at a time is served.</summary>
/// <param name="table">null: that of bans.</param>
internal sealed class KernelTable(NetlinkSocket socket, byte[]? table = null) : IDisposable
{
    private readonly Lock _turn = new();
    /// <summary>More in one transaction would keep others waiting.</summary>
    public const int MaxChangesAtOnce = 4096;

    public delegate void Told(NetlinkMessage message);

    private readonly NetlinkWriter _writer = new();
    private readonly ElementBatch _batch = new(table);

    // The kernel fills a dump's answers up to 32 KiB if the reader's buffer takes them.
    private readonly byte[] _received = new byte[64 * 1024];
    private uint _sequence = 1;

    public uint Port => socket.Port;

    /// <summary>How many changes fit in one transaction.</summary>
    public int MaxChanges => Math.Max(1, (socket.MaxSendBytes - 64) / ElementBatch.MaxChangeBytes);

    /// <summary>All changes, in as many transactions as it takes; behind the first that the kernel refused no more are sent.</summary>
    /// <returns>Why one was refused; null: done.</returns>
    public string? SendAll(IEnumerable<ElementChange> changes)
    {
        foreach (var chunk in changes.Chunk(Math.Clamp(MaxChanges, 1, MaxChangesAtOnce)))
        {
            if (Send(chunk) is { } errors)
            {
                return KernelWords.For(errors.First(error => error != 0));
            }
        }

        return null;
    }

    /// <summary>One transaction: all changes or none.</summary>
    /// <param name="changes">At least one, at most <see cref="MaxChanges"/>.</param>
    /// <returns>null: done. Else nothing was done, and each change that the kernel refused has its errno, the others 0.</returns>
    public int[]? Send(IReadOnlyList<ElementChange> changes)
    {
        lock (_turn)
        {
            _batch.Begin(_sequence);
            for (var i = 0; i < changes.Count; i++)
            {
                _batch.Write(changes[i], isLast: i == changes.Count - 1);
            }

            _batch.End();
            _sequence = _batch.LastSequence + 2;
            var errors = new int[changes.Count];
            var first = _batch.FirstSequence;
            var errno = Exchange(_batch.Bytes.Span, first, _batch.LastSequence, (sequence, error) =>
            {
                if (sequence - first - 1 < (uint)errors.Length)
                {
                    errors[sequence - first - 1] = error;
                }
            });
            if (errno == 0)
            {
                return null;
            }

            if (errors.All(error => error == 0))
            {
                Array.Fill(errors, errno);
            }

            return errors;
        }
    }

    /// <summary>Ensures many hosts, in as few transactions as the socket takes.</summary>
    /// <returns>0, or the errno of the first transaction that failed; those before it stand.</returns>
    public int Ensure(IEnumerable<(BanSet Set, Core.Events.Address Host, ulong Milliseconds)> hosts)
    {
        // A megabyte is 25,000 hosts or more: long enough to make the rest of a transaction not matter, short enough to let others in between.
        var limit = Math.Min(1 << 20, socket.MaxSendBytes - (2 * ElementBatch.MaxChangeBytes));
        var errno = 0;
        using var host = hosts.GetEnumerator();
        var more = host.MoveNext();
        while (more && errno == 0)
        {
            lock (_turn)
            {
                _batch.Begin(_sequence);
                while (more && _batch.Length < limit)
                {
                    _batch.EnsureHost(host.Current.Set, host.Current.Host, host.Current.Milliseconds);
                    more = host.MoveNext();
                }

                _batch.End();
                _sequence = _batch.LastSequence + 2;
                errno = Exchange(_batch.Bytes.Span, _batch.FirstSequence, _batch.LastSequence, (_, _) => { });
            }
        }

        return errno;
    }

    /// <summary>One transaction of elements for a set of any table.</summary>
    /// <returns>0 or an errno.</returns>
    public int Send(SetFill fill)
    {
        lock (_turn)
        {
            return Exchange(fill.Bytes.Span, fill.FirstSequence, fill.LastSequence, (_, _) => { });
        }
    }

    /// <summary>The table as it is at one moment: its parts are asked for one by one, so they are asked for again if anybody committed in between.</summary>
    /// <exception cref="FirewallException">The kernel does not answer.</exception>
    public TableShape Shape()
    {
        // A reading takes a fraction of a millisecond, a run of nft some: so the last try is hardly ever needed.
        const int Tries = 16;
        for (var attempt = 1; ; attempt++)
        {
            var before = Generation();
            var shape = new TableShape();
            foreach (var part in KernelRequests.ShapeParts)
            {
                // No table is an answer too: the kernel says ENOENT.
                Ask((writer, sequence) => KernelRequests.Dump(writer, part, sequence), shape.See);
            }

            if (attempt == Tries || Generation() == before)
            {
                return shape;
            }
        }
    }

    /// <returns>The elements of one set; empty if there is no such set. A set that changes meanwhile may be told in part.</returns>
    public List<KernelElement> Elements(BanSet set) => Elements(set.Name.ToArray(), set);

    /// <summary>The same of a set of single addresses by another name.</summary>
    public List<KernelElement> Hosts(string name, bool isIPv4) => Elements(Encoding.ASCII.GetBytes(name), isIPv4 ? BanSet.Hosts4 : BanSet.Hosts6);

    private List<KernelElement> Elements(byte[] name, BanSet set)
    {
        const int Tries = 4;
        for (var attempt = 1; ; attempt++)
        {
            var elements = new List<KernelElement>();
            var interrupted = false;
            var errno = Ask(
                (writer, sequence) => KernelRequests.Elements(writer, name, sequence, table),
                message =>
                {
                    interrupted |= (message.Flags & NftProtocol.FlagDumpInterrupted) != 0;
                    if (message.Type == NftProtocol.NewElement)
                    {
                        KernelElement.Read(message, set, elements);
                    }
                });
            if (attempt == Tries || (!interrupted && errno != KernelWords.Interrupted))
            {
                return elements;
            }
        }
    }

    /// <returns>What a named counter of the table counted since the table was made; null if there is no such counter.</returns>
    public ulong? Packets(string counter)
    {
        var name = Encoding.ASCII.GetBytes(counter);
        ulong? packets = null;
        Ask((writer, sequence) => KernelRequests.Counter(writer, name, sequence), message => packets = KernelRequests.PacketsIn(message) ?? packets);
        return packets;
    }

    /// <returns>Who is in a set of limits, and what was dropped of each.</returns>
    public List<LimitedAddress> Limited(LimitSet set)
    {
        var name = Encoding.ASCII.GetBytes(set.Name);
        var limited = new List<LimitedAddress>();
        Ask((writer, sequence) => KernelRequests.Elements(writer, name, sequence), message => LimitedAddress.Read(message, limited));
        return limited;
    }

    /// <exception cref="FirewallException">The kernel does not let us ask, or has no nftables.</exception>
    public uint Generation()
    {
        uint? generation = null;
        var errno = Ask(KernelRequests.Generation, message => generation = KernelRequests.GenerationIn(message) ?? generation);
        return generation ?? throw new FirewallException(errno == KernelWords.NotPermitted
            ? "nftables: not permitted; run as root or give the process CAP_NET_ADMIN (systemd: AmbientCapabilities=CAP_NET_ADMIN), or run without --enforce"
            : $"nftables: the kernel does not answer: {KernelWords.For(errno)}")
        {
            IsLasting = errno == KernelWords.NotPermitted,
        };
    }

    /// <summary>All parts of a kind, such as <see cref="NftProtocol.GetSet"/>, each as the kernel tells it.</summary>
    public int Dump(ushort part, Told told) => Ask((writer, sequence) => KernelRequests.Dump(writer, part, sequence, table), told);

    /// <summary>Deletes a set or a counter that nothing refers to.</summary>
    /// <returns>0 or an errno: <see cref="KernelWords.Busy"/> if something does.</returns>
    public int Delete(ushort type, string name)
    {
        lock (_turn)
        {
            _writer.Clear();
            var first = _sequence;
            var last = KernelRequests.Delete(_writer, type, name, table ?? RulesetText.TableName, first);
            _sequence = last + 2;
            return Exchange(_writer.Written.Span, first, last, (_, _) => { });
        }
    }

    public int Remove(IReadOnlyList<string> chains)
    {
        lock (_turn)
        {
            _writer.Clear();
            var first = _sequence;
            var last = KernelRequests.RemoveChains(_writer, chains, first);
            _sequence = last + 2;
            return Exchange(_writer.Written.Span, first, last, (_, _) => { });
        }
    }

    public void Dispose() => socket.Dispose();

    // A request outside a transaction.
    private int Ask(Action<NetlinkWriter, uint> write, Told told)
    {
        lock (_turn)
        {
            Drain();
            _writer.Clear();
            var sequence = _sequence++;
            write(_writer, sequence);
            var errno = socket.Send(_writer.Written.Span);
            if (errno != 0)
            {
                return errno;
            }

            while (true)
            {
                var (length, error) = socket.Receive(_received);
                if (length == 0 || error != 0)
                {
                    return error;
                }

                foreach (var message in new NetlinkMessages(_received.AsSpan(0, length)))
                {
                    if (message.Sequence != sequence)
                    {
                        continue;
                    }

                    switch (message.Type)
                    {
                        case NftProtocol.Done:
                            return 0;
                        case NftProtocol.Error:
                            return message.Errno ?? KernelWords.AnswerLost;
                        default:
                            told(message);
                            break;
                    }
                }
            }
        }
    }

    // A transaction. The kernel does it, and queues its answers, before the send returns; so there is nothing to wait for.
    private int Exchange(ReadOnlySpan<byte> batch, uint first, uint last, Action<uint, int> refused)
    {
        Drain();
        var result = socket.Send(batch);
        if (result != 0)
        {
            return result;
        }

        var isAnswered = false;
        while (true)
        {
            var (length, error) = socket.Receive(_received);
            if (error != 0)
            {
                return KernelWords.AnswerLost;
            }

            if (length == 0)
            {
                return result != 0 || isAnswered ? result : KernelWords.AnswerLost;
            }

            foreach (var message in new NetlinkMessages(_received.AsSpan(0, length)))
            {
                if (message.Type != NftProtocol.Error || message.Sequence - first > last - first)
                {
                    continue;
                }

                isAnswered |= message.Sequence == last;
                if (message.Errno is { } errno and not 0)
                {
                    result = result == 0 ? errno : result;
                    refused(message.Sequence, errno);
                }
            }
        }
    }

    // What an earlier, broken-off exchange left. An error is reported once and then gone, unless the socket itself is broken.
    private void Drain()
    {
        for (var errors = 0; errors < 8;)
        {
            var (length, error) = socket.Receive(_received);
            if (length == 0 && error == 0)
            {
                return;
            }

            errors += error == 0 ? 0 : 1;
        }
    }
}
