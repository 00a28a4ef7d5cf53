namespace Ringfence.Tests.Corpus;

/// <summary>The logs beside this file, as bytes.</summary>
internal static class CorpusFiles
{
    public static string Logs { get; } = Path.Combine(Find(), "tests", "Ringfence.Tests", "Corpus", "logs");

    /// <summary>Captures.</summary>
    public static string Packets { get; } = Path.Combine(Find(), "tests", "Ringfence.Tests", "Corpus", "packets");

    /// <summary>What another program said of whom it blocks: nft as it was seen, the others as in <see cref="Blocks.BlockReadersTests"/>.</summary>
    public static string Block(string name) => Path.Combine(Find(), "tests", "Ringfence.Tests", "Corpus", "blocks", name);

    /// <summary>SIP messages as text: of tools that scan, and of phones, PBXs and what administrators use.</summary>
    public static string Sip(string name) => File.ReadAllText(Path.Combine(Find(), "tests", "Ringfence.Tests", "Corpus", "sip", name));

    /// <summary>The steps of the real Asterisk's corpus, as written down when it was made.</summary>
    public static IReadOnlyList<Step> Steps { get; } = [.. File.ReadLines(In("asterisk-22", "steps.tsv")).Where(line => !line.StartsWith('#')).Select(Step.Parse)];

    public static string In(string folder, string name) => Path.Combine(Logs, folder, name);

    /// <returns>The bytes of one log of a step; null if the step has none of that kind.</returns>
    public static byte[]? Read(string step, string kind)
    {
        var path = In("asterisk-22", $"{step}.{kind}");
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    /// <summary>All logs of a kind, one behind the other, in the order of the steps.</summary>
    public static byte[] ReadAll(string kind) => [.. Steps.SelectMany(step => Read(step.Name, kind) ?? [])];

    /// <summary>The addresses that really sent something during the step.</summary>
    public static HashSet<string> SendersOf(string step) =>
    [
        .. from line in File.ReadLines(In("asterisk-22", "senders.txt"))
           where !line.StartsWith('#')
           let words = line.Split(' ')
           where words.Length == 1 || words[0] == step
           select words[^1],
    ];

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Ringfence.slnx")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"Ringfence.slnx is not above {AppContext.BaseDirectory}: run the tests from a source tree");
    }
}

/// <param name="Events">SecurityEvent names and how often each was written.</param>
/// <param name="MessageLines">Lines of the messages log.</param>
/// <param name="Refusals">Those of them by which res_pjsip/pjsip_distributor.c tells a refusal.</param>
internal sealed record Step(string Name, IReadOnlyDictionary<string, int> Events, int MessageLines, int Refusals)
{
    public static Step Parse(string line)
    {
        var fields = line.Split('\t');
        var events = fields[1] == "-" ? [] : fields[1].Split(' ').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => int.Parse(pair[1]));
        return new Step(fields[0], events, int.Parse(fields[2]), int.Parse(fields[3]));
    }
}
