using System.Text;
using Ringfence.Tests.Corpus;

namespace Ringfence.Tests.Parsing;

/// <summary>Bytes that a parser must survive: noise, damaged real lines, pieces of grammar out of place.</summary>
internal static class HostileBytes
{
    private static readonly byte[][] Lines =
    [
        .. new[] { "security", "plain", "json", "messages", "full" }.SelectMany(kind => Split(CorpusFiles.ReadAll(kind))).Where((_, index) => index % 7 == 0),
        .. Directory.EnumerateFiles(Path.Combine(CorpusFiles.Logs, "samples"), "*.log").Order(StringComparer.Ordinal).SelectMany(path => Split(File.ReadAllBytes(path))),
    ];

    /// <summary>Real lines with bytes changed, taken out, put in, doubled, cut, joined; every few lines pure noise.</summary>
    public static byte[] Mutated(Random random, int length)
    {
        var text = new AttackerText(random);
        var bytes = new List<byte>(length + 10_000);
        while (bytes.Count < length)
        {
            bytes.AddRange(Line(random, text));
            if (random.Next(40) != 0)
            {
                bytes.Add((byte)'\n');
            }
        }

        return [.. bytes];
    }

    public static byte[] Line(Random random, AttackerText text)
    {
        if (random.Next(20) == 0)
        {
            var noise = new byte[random.Next(300)];
            random.NextBytes(noise);
            return noise;
        }

        var line = Lines[random.Next(Lines.Length)].ToList();
        for (var changes = random.Next(5); changes > 0 && line.Count > 0; changes--)
        {
            var at = random.Next(line.Count);
            switch (random.Next(7))
            {
                case 0:
                    line[at] = (byte)random.Next(256);
                    break;
                case 1:
                    line.RemoveRange(at, random.Next(Math.Min(40, line.Count - at + 1)));
                    break;
                case 2:
                    line.InsertRange(at, Encoding.Latin1.GetBytes(text.Next(200)));
                    break;
                case 3:
                    line.RemoveRange(at, line.Count - at);
                    break;
                case 4:
                    line.RemoveRange(0, at);
                    break;
                case 5:
                    var other = Lines[random.Next(Lines.Length)];
                    line.AddRange(other.AsSpan(random.Next(other.Length + 1)));
                    break;
                default:
                    line.InsertRange(at, line.GetRange(at, random.Next(Math.Min(60, line.Count - at + 1))));
                    break;
            }
        }

        return [.. line];
    }

    private static IEnumerable<byte[]> Split(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', at);
            end = end < 0 ? bytes.Length : end;
            yield return bytes[at..end];
            at = end + 1;
        }
    }
}
