using System.Runtime.InteropServices;
using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;

namespace Ringfence.Tests.Firewall;

/// <summary>Messages as the kernel sends them to those who listen for commits.</summary>
internal static class Notification
{
    public static byte[] Of(uint port, ushort type, string table = "ringfence") =>
        Message(port, type, writer => writer.Text(NftProtocol.OfTable, Encoding.ASCII.GetBytes(table)));

    public static byte[] Set(uint port, string name) => Message(port, NftProtocol.DeleteSet, writer =>
    {
        writer.Text(NftProtocol.OfTable, RulesetText.TableName);
        writer.Text(NftProtocol.SetName, Encoding.ASCII.GetBytes(name));
    });

    public static byte[] Element(uint port, string set, string address) => Element(port, set, Address.Parse(address)!.Value);

    public static byte[] Element(uint port, string set, Address address) => Message(port, NftProtocol.DeleteElement, writer =>
    {
        writer.Text(NftProtocol.ListTable, RulesetText.TableName);
        writer.Text(NftProtocol.ListSet, Encoding.ASCII.GetBytes(set));
        var list = writer.BeginNest(NftProtocol.ListElements);
        var item = writer.BeginNest(NftProtocol.ListItem);
        var key = writer.BeginNest(NftProtocol.ElementKey);
        writer.Bytes(NftProtocol.DataValue, address.ToBytes());
        writer.EndNest(key);
        writer.EndNest(item);
        writer.EndNest(list);
    });

    public static byte[] Generation(uint port, uint generation, string process, uint id) => Message(port, NftProtocol.NewGeneration, writer =>
    {
        writer.Number(NftProtocol.GenerationId, generation);
        writer.Number(NftProtocol.GenerationProcess, id);
        writer.Text(NftProtocol.GenerationProcessName, Encoding.UTF8.GetBytes(process));
    });

    private static byte[] Message(uint port, ushort type, Action<NetlinkWriter> write)
    {
        var writer = new NetlinkWriter();
        writer.BeginMessage(type, 0, 0);
        write(writer);
        writer.EndMessage();
        var bytes = writer.Written.ToArray();
        MemoryMarshal.Write(bytes.AsSpan(12), port);
        return bytes;
    }
}
