using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>A PBX as one file that <c>ringfence audit</c> reads on another machine as if it were there: Asterisk's directory, what else the audit looks at, and the facts.</summary>
internal static class AuditArchive
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int MostFiles = 50_000;

    // The audit of an archive keeps no more, and its names and facts are to fit too.
    private const long MostBytes = TarFiles.MaxBytes - (32L << 20);

    /// <summary>What an archive holds.</summary>
    internal sealed record Collected(int Files, int Facts, IReadOnlyCollection<string> Left);

    /// <param name="directory">Asterisk's, as asterisk_dir in ringfence.conf names it.</param>
    /// <exception cref="WorldFailedException">There is such a file already, or something of Asterisk's can't be read; nothing is written.</exception>
    public static async Task<Collected> WriteAsync(string archive, string directory, TimeProvider clock, CancellationToken stop)
    {
        if (Path.Exists(archive))
        {
            throw new WorldFailedException($"{archive} is there already, and is left as it is: name another file");
        }

        var files = new SeenFiles(new ConfigDirectory());
        var pbx = await AuditedPbx.OfMachineAsync(directory, files, null, clock, stop);
        await SeeAsync(pbx, files, stop).WaitAsync(stop);
        if (files.Problems.FirstOrDefault(static problem => problem.EndsWith(Libc.Describe(Libc.NoPermission), StringComparison.Ordinal)) is { } closed)
        {
            throw new WorldFailedException($"{closed}: an archive without it would lead to wrong findings, and none is written; try as root");
        }

        var facts = HostFact.All.Select(fact => (fact.Name, Text: pbx.Fact(fact))).Where(static fact => fact.Text is not null).Append((Name: AuditedPbx.DirectoryFact, Text: directory)).ToList();
        if (files.Seen.Count > MostFiles || files.Seen.Sum(static file => file.Value?.LongLength ?? 0) > MostBytes)
        {
            throw new WorldFailedException($"there are more than {MostFiles:N0} files or {MostBytes >> 20} MiB in {pbx.Directory}: take away what is no configuration, or pack what is with tar");
        }

        await WriteAsync(archive, files.Seen.Select(static file => (file.Key.TrimStart('/'), file.Value ?? [])).Concat(facts.Select(static fact => ($"{AuditedPbx.FactsDirectory}/{fact.Name}", Encoding.UTF8.GetBytes(fact.Text!)))), clock, stop);
        return new Collected(files.Seen.Count, facts.Count, files.Problems);
    }

    private static async Task SeeAsync(PbxSnapshot pbx, SeenFiles files, CancellationToken stop)
    {
        await Task.Yield();

        // An audit reads all that one will want to see there.
        Auditor.Run(pbx, AuditRules.All, new HashSet<string>(StringComparer.Ordinal), stop);
        foreach (var path in Below(pbx.Directory))
        {
            stop.ThrowIfCancellationRequested();
            files.Read(path);
        }
    }

    private static async Task WriteAsync(string archive, IEnumerable<(string Name, byte[] Content)> files, TimeProvider clock, CancellationToken stop)
    {
        var target = Path.GetFullPath(archive);
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}");
        try
        {
            await using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Mode }))
            {
                await using (var packed = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
                await using (var tar = new TarWriter(packed))
                {
                    foreach (var (name, content) in files)
                    {
                        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content), Mode = Mode, ModificationTime = clock.GetUtcNow() }, stop);
                    }
                }

                file.Flush(flushToDisk: true);
            }

            // Somebody else's file of that name may have come meanwhile.
            File.Move(temporary, target, overwrite: false);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static List<string> Below(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, MaxRecursionDepth = 8, IgnoreInaccessible = false }).Take(MostFiles + 1)];
}
