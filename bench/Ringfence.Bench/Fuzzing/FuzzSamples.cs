using System.Text;
using Ringfence.Core.Wire;

namespace Ringfence.Bench.Fuzzing;

/// <summary>Real logs and captures, from the tests' corpus.</summary>
internal sealed class FuzzSamples(string corpus)
{
    /// <summary>Every so many lines of the logs are enough.</summary>
    private const int Step = 5;

    public IEnumerable<byte[]> Captures => Directory.EnumerateFiles(Path.Combine(corpus, "packets"), "*.pcap").Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    /// <summary>The beginnings of captures: few packets and the heads of the file.</summary>
    public IEnumerable<byte[]> CaptureHeads => Captures.Select(capture => capture[..2_000]);

    /// <summary>IP packets of the captures.</summary>
    public IEnumerable<byte[]> Packets => Captures.SelectMany(Frames);

    /// <summary>SIP messages over UDP.</summary>
    public IEnumerable<byte[]> Messages => Packets
        .Where(packet => packet.Length > 28 && packet[0] == 0x45 && packet[9] == IpPacket.Udp)
        .Select(packet => packet[28..]);

    /// <summary>Requests of scanners and of phones, as text.</summary>
    public IEnumerable<byte[]> SipTexts => Directory.EnumerateFiles(Path.Combine(corpus, "sip"), "*.sip").Order(StringComparer.Ordinal)
        .SelectMany(file => File.ReadAllText(file).Split("### ").Skip(1))
        .Select(text => Encoding.Latin1.GetBytes(text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..].Replace("\n", "\r\n", StringComparison.Ordinal)));

    /// <summary>Lines of the logs of a real Asterisk, of every kind, and the samples of every grammar.</summary>
    public IEnumerable<byte[]> Lines =>
        Split(Files("asterisk-22", "*.*").Where(file => Path.GetExtension(file) is ".security" or ".plain" or ".json" or ".messages" or ".full")).Where((_, number) => number % Step == 0)
            .Concat(Split(Files("samples", "*.log")));

    /// <summary>What stands behind the module's name in the lines.</summary>
    public IEnumerable<byte[]> Texts => Lines.Select(line => line.AsSpan().IndexOf(".c: "u8) is >= 0 and var at ? line[(at + 4)..] : line);

    /// <summary>Security events as the manager interface tells them: what the log has as NAME="VALUE", in lines.</summary>
    public IEnumerable<byte[]> ManagerEvents => Texts
        .Where(text => text.AsSpan().StartsWith("SecurityEvent=\""u8))
        .Select(text => Encoding.Latin1.GetString(text).Replace("SecurityEvent=\"", "Event: ", StringComparison.Ordinal).Replace("\",", "\r\n", StringComparison.Ordinal).Replace("=\"", ": ", StringComparison.Ordinal))
        .Select(text => Encoding.Latin1.GetBytes(text.TrimEnd('"') + "\r\n\r\n"));

    /// <summary>Lines of the log of another door.</summary>
    /// <param name="name">The file in logs/doors.</param>
    public IEnumerable<byte[]> Door(string name) => Split([Path.Combine(corpus, "logs", "doors", name)]).Where(line => line.Length > 0 && line[0] != '#');

    /// <summary>What another program says of whom it blocks: the whole, and each line of it.</summary>
    /// <param name="name">The file in blocks.</param>
    public IEnumerable<byte[]> Blocks(string name) => Split([Path.Combine(corpus, "blocks", name)]).Prepend(File.ReadAllBytes(Path.Combine(corpus, "blocks", name)));

    /// <summary>Runs of a few lines.</summary>
    public IEnumerable<byte[]> Logs => Lines.Chunk(8).Select(lines => lines.SelectMany(line => line.Append((byte)'\n')).ToArray());

    private string[] Files(string folder, string pattern) => [.. Directory.EnumerateFiles(Path.Combine(corpus, "logs", folder), pattern).Order(StringComparer.Ordinal)];

    private static IEnumerable<byte[]> Split(IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            for (var at = 0; at < bytes.Length;)
            {
                var length = bytes.AsSpan(at).IndexOf((byte)'\n');
                length = length < 0 ? bytes.Length - at : length;
                yield return bytes[at..(at + length)];
                at += length + 1;
            }
        }
    }

    private static List<byte[]> Frames(byte[] capture)
    {
        List<byte[]> packets = [];
        ReadOnlySpan<byte> rest = capture;
        for (var file = new CaptureFile(); file.Next(ref rest) is { IsPacket: true } packet;)
        {
            packets.Add(packet.Frame[(packet.Link == LinkType.Ethernet ? 14 : packet.Link == LinkType.LinuxSll2 ? 20 : 0)..].ToArray());
        }

        return packets;
    }
}
