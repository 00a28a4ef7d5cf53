using System.Text;
using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>Finds the PBX that is to be audited: this machine's, a copy of its files in a directory, or an archive of them.</summary>
internal static class AuditedPbx
{
    public const string FactsDirectory = "ringfence-facts";
    private const string AsteriskDirectory = "/etc/asterisk";

    // Each, and all together; a firewall with a country's networks has some three.
    private const int MostBytesOfFact = 8 << 20;
    private const int MostBytesOfFacts = 24 << 20;

    // Which of an archive's directories is Asterisk's, where that is not the usual one.
    public const string DirectoryFact = "asterisk-directory";

    // Asterisk reads it where it was told, and the rest of its files where this one says.
    private const string MainFile = "asterisk.conf";

    // One of them is in every Asterisk's directory.
    private static readonly string[] Signs = ["asterisk.conf", "pjsip.conf", "extensions.conf", "sip.conf", "modules.conf", "manager.conf", "iax.conf", "logger.conf", "extensions.ael", "extensions.lua"];

    /// <param name="directory">Asterisk's, as asterisk_dir in ringfence.conf names it; where its asterisk.conf names another one, that is read.</param>
    public static Task<PbxSnapshot> OfMachineAsync(string directory, AsteriskVersion? version, TimeProvider clock, CancellationToken stop) => OfMachineAsync(directory, new ConfigDirectory(), version, clock, stop);

    /// <inheritdoc cref="OfMachineAsync(string, AsteriskVersion?, TimeProvider, CancellationToken)"/>
    public static async Task<PbxSnapshot> OfMachineAsync(string directory, IConfigFiles files, AsteriskVersion? version, TimeProvider clock, CancellationToken stop)
    {
        var named = Named(directory, files);
        if (!HasSign(named, files))
        {
            throw new MistakeException($"{directory}: no Asterisk configuration that you can read is here; name its directory or an archive behind the verb");
        }

        var facts = await LiveFacts.ReadAsync(directory, named, clock, stop);
        return Snapshot(named, named == directory ? files : new RelocatedFiles([($"{named}/{MainFile}", $"{directory}/{MainFile}"), ("", "")], files), version, facts);
    }

    /// <param name="path">A directory with pjsip.conf and its kin, one that holds etc/asterisk, or a tar archive of either.</param>
    public static PbxSnapshot OfCopy(string path, AsteriskVersion? version)
    {
        if (Directory.Exists(path))
        {
            var whole = Path.GetFullPath(path).TrimEnd('/');
            // A link in somebody's copy must not bring the auditor's own files into the report.
            var files = new ConfigDirectory(whole);
            var facts = Path.Combine(whole, FactsDirectory);
            return OfTree(path, files, whole, version, Facts(facts, files));
        }

        if (!File.Exists(path))
        {
            throw new MistakeException($"{path}: no such directory or archive");
        }

        if (path.EndsWith(".conf", StringComparison.Ordinal))
        {
            throw new MistakeException($"{path}: one file says little without the others: name its directory");
        }

        var archive = TarFiles.Read(path);
        var sign = archive.Paths.Where(static name => Signs.Contains(Path.GetFileName(name), StringComparer.Ordinal)).OrderBy(static name => name.Count(static c => c == '/'))
            .ThenBy(static name => name, StringComparer.Ordinal).FirstOrDefault(static name => name.Contains("/etc/asterisk/", StringComparison.Ordinal))
            ?? archive.Paths.Where(static name => Signs.Contains(Path.GetFileName(name), StringComparer.Ordinal)).OrderBy(static name => name.Count(static c => c == '/')).FirstOrDefault();
        var root = sign is null ? "" : Path.GetDirectoryName(sign)!.TrimEnd('/');
        root = root.EndsWith(AsteriskDirectory, StringComparison.Ordinal) ? root[..^AsteriskDirectory.Length]
            // An archive that was collected says by its facts where its root is.
            : archive.Paths.Any(static name => name.StartsWith($"/{FactsDirectory}/", StringComparison.Ordinal)) ? ""
            : root;
        archive.Root = root;
        return OfTree(path, archive, root, version, Facts($"{root}/{FactsDirectory}", archive));
    }

    private static PbxSnapshot OfTree(string shown, IConfigFiles files, string root, AsteriskVersion? version, CopiedFacts copied)
    {
        var facts = copied.Texts;
        var machine = new RelocatedFiles([("", root)], files);
        var usual = facts.GetValueOrDefault(DirectoryFact)?.Trim() is ['/', _, ..] said ? said : AsteriskDirectory;
        if (Named(usual, machine) is var named && HasSign(named, machine))
        {
            return Snapshot(named, new RelocatedFiles([($"{named}/{MainFile}", $"{root}{usual}/{MainFile}"), ("", root)], files), version, facts, leftOut: copied.LeftOut);
        }

        // Asterisk's directory alone: what it names elsewhere is not to be had.
        if (HasSign("", machine))
        {
            var own = Configured("", machine) ?? AsteriskDirectory;
            return Snapshot(own, new RelocatedFiles([(own, root)], files), version, facts, isPartial: true, copied.LeftOut);
        }

        throw new MistakeException($"{shown}: no Asterisk configuration that you can read is here: expected {string.Join(", ", Signs[..3])}... in it or in its etc/asterisk");
    }

    // The directory that asterisk.conf names, where there is anything in it.
    private static string Named(string directory, IConfigFiles files) => Configured(directory, files) is { } other && HasSign(other, files) ? other : directory;

    private static string? Configured(string directory, IConfigFiles files) =>
        AsteriskConfig.Read(MainFile, directory.Length == 0 ? "/" : directory, files).First("directories")?["astetcdir"]?.TrimEnd('/') is ['/', _, ..] named ? named : null;

    private static bool HasSign(string directory, IConfigFiles files) => Signs.Any(sign => files.Read($"{directory}/{sign}") is not null);

    private static PbxSnapshot Snapshot(string directory, IConfigFiles files, AsteriskVersion? version, IReadOnlyDictionary<string, string> facts, bool isPartial = false, IReadOnlyList<string>? leftOut = null)
    {
        var pbx = new PbxSnapshot(directory, files, version ?? (facts.GetValueOrDefault(HostFact.AsteriskVersion.Name) is { } said ? AsteriskVersion.Parse(said) : null), facts) { IsPartial = isPartial };
        foreach (var told in leftOut ?? [])
        {
            pbx.LeaveOut(told);
        }

        return pbx;
    }

    private sealed record CopiedFacts(Dictionary<string, string> Texts, List<string> LeftOut);

    // Those that are known: whatever else a stranger put beside them is not read.
    private static CopiedFacts Facts(string directory, IConfigFiles files)
    {
        var facts = new CopiedFacts(new(StringComparer.Ordinal), []);
        var bytes = 0;
        foreach (var name in HostFact.All.Select(static fact => fact.Name).Append(DirectoryFact))
        {
            if (files.Read($"{directory}/{name}") is not { } content)
            {
                continue;
            }

            if (content.Length > MostBytesOfFact || bytes + content.Length > MostBytesOfFacts)
            {
                facts.LeftOut.Add($"{FactsDirectory}/{name} is more than {MostBytesOfFact >> 20} MiB, or the facts are more than {MostBytesOfFacts >> 20} MiB together; it is left out, as if nobody had asked");
                continue;
            }

            bytes += content.Length;
            facts.Texts[name] = Encoding.UTF8.GetString(content);
        }

        return facts;
    }
}
