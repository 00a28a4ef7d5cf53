using System.Text;

namespace Ringfence.Core.Firewall;

/// <summary>Questions to the kernel about our table, and the removal of chains that are not ours.</summary>
internal static class KernelRequests
{
    /// <summary>What <see cref="TableShape"/> is made of, in the order to ask.</summary>
    public static readonly ushort[] ShapeParts =
        [NftProtocol.GetTable, NftProtocol.GetSet, NftProtocol.GetChain, NftProtocol.GetRule, NftProtocol.GetObject];

    /// <summary>All objects of a kind. Tables come from the whole kernel: their dump takes no filter.</summary>
    /// <param name="table">empty: that of bans.</param>
    public static void Dump(NetlinkWriter writer, ushort type, uint sequence, ReadOnlySpan<byte> table = default)
    {
        writer.BeginMessage(type, NftProtocol.FlagRequest | NftProtocol.FlagDump, sequence);
        if (type != NftProtocol.GetTable)
        {
            writer.Text(NftProtocol.OfTable, Or(table));
        }

        writer.EndMessage();
    }

    /// <param name="table">empty: that of bans.</param>
    public static void Elements(NetlinkWriter writer, ReadOnlySpan<byte> set, uint sequence, ReadOnlySpan<byte> table = default)
    {
        writer.BeginMessage(NftProtocol.GetElement, NftProtocol.FlagRequest | NftProtocol.FlagDump, sequence);
        writer.Text(NftProtocol.ListTable, Or(table));
        writer.Text(NftProtocol.ListSet, set);
        writer.EndMessage();
    }

    /// <summary>The number that the kernel raises with each committed transaction of anybody.</summary>
    public static void Generation(NetlinkWriter writer, uint sequence)
    {
        writer.BeginMessage(NftProtocol.GetGeneration, NftProtocol.FlagRequest, sequence, family: 0);
        writer.EndMessage();
    }

    public static uint? GenerationIn(NetlinkMessage message) =>
        message.Type == NftProtocol.NewGeneration ? message.Attributes.Find(NftProtocol.GenerationId).UInt32 : null;

    public static void Counter(NetlinkWriter writer, ReadOnlySpan<byte> name, uint sequence)
    {
        writer.BeginMessage(NftProtocol.GetObject, NftProtocol.FlagRequest, sequence);
        writer.Text(NftProtocol.OfTable, RulesetText.TableName);
        writer.Text(NftProtocol.ObjectName, name);
        writer.Number(NftProtocol.ObjectType, NftProtocol.ObjectIsCounter);
        writer.EndMessage();
    }

    public static ulong? PacketsIn(NetlinkMessage message) =>
        message.Type == NftProtocol.NewObject
            ? message.Attributes.Find(NftProtocol.ObjectData).Nested.Find(NftProtocol.CounterPackets).UInt64
            : null;

    /// <summary>Empties and deletes chains by name, whatever the name is, in one transaction.</summary>
    /// <returns>The number of the last message, which asks for the acknowledgement.</returns>
    public static uint RemoveChains(NetlinkWriter writer, IReadOnlyList<string> chains, uint firstSequence)
    {
        var sequence = firstSequence;
        writer.BeginMessage(NftProtocol.BatchBegin, NftProtocol.FlagRequest, sequence, family: 0, resource: NftProtocol.Subsystem);
        writer.EndMessage();

        // All rules first: a jump holds the chain that it leads to.
        foreach (var chain in chains)
        {
            writer.BeginMessage(NftProtocol.DeleteRule, NftProtocol.FlagRequest, ++sequence);
            writer.Text(NftProtocol.OfTable, RulesetText.TableName);
            writer.Text(NftProtocol.RuleChain, Encoding.UTF8.GetBytes(chain));
            writer.EndMessage();
        }

        foreach (var chain in chains)
        {
            writer.BeginMessage(NftProtocol.DeleteChain, NftProtocol.FlagRequest | NftProtocol.FlagAck, ++sequence);
            writer.Text(NftProtocol.OfTable, RulesetText.TableName);
            writer.Text(NftProtocol.ChainName, Encoding.UTF8.GetBytes(chain));
            writer.EndMessage();
        }

        writer.BeginMessage(NftProtocol.BatchEnd, NftProtocol.FlagRequest, sequence + 1, family: 0, resource: NftProtocol.Subsystem);
        writer.EndMessage();
        return sequence;
    }

    /// <summary>Deletes a set or a counter, in a transaction of its own.</summary>
    /// <param name="type"><see cref="NftProtocol.DeleteSet"/> or <see cref="NftProtocol.DeleteObject"/>.</param>
    /// <returns>The number of the message that asks for the acknowledgement.</returns>
    public static uint Delete(NetlinkWriter writer, ushort type, string name, ReadOnlySpan<byte> table, uint firstSequence)
    {
        writer.BeginMessage(NftProtocol.BatchBegin, NftProtocol.FlagRequest, firstSequence, family: 0, resource: NftProtocol.Subsystem);
        writer.EndMessage();
        writer.BeginMessage(type, NftProtocol.FlagRequest | NftProtocol.FlagAck, firstSequence + 1);
        writer.Text(NftProtocol.OfTable, table);

        // A set's and an object's name are the same attribute.
        writer.Text(NftProtocol.SetName, Encoding.ASCII.GetBytes(name));
        if (type == NftProtocol.DeleteObject)
        {
            writer.Number(NftProtocol.ObjectType, NftProtocol.ObjectIsCounter);
        }

        writer.EndMessage();
        writer.BeginMessage(NftProtocol.BatchEnd, NftProtocol.FlagRequest, firstSequence + 2, family: 0, resource: NftProtocol.Subsystem);
        writer.EndMessage();
        return firstSequence + 1;
    }

    private static ReadOnlySpan<byte> Or(ReadOnlySpan<byte> table) => table.IsEmpty ? RulesetText.TableName : table;
}
