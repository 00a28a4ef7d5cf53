using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>A configuration that a real Asterisk loads, that rules find wrong and mend, and that the same Asterisk loads again.</summary>
public abstract class MendedConfiguration : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-mended-").FullName;

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected string PathOf(string file) => Path.Combine(_directory, file);

    /// <summary>The laboratory's files, to be written over.</summary>
    private protected void WriteLaboratory()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.File("lab", "conf"), "*.conf"))
        {
            File.Copy(file, PathOf(Path.GetFileName(file)), overwrite: true);
        }
    }

    private protected async Task<AsteriskLab> StartAsync()
    {
        var lab = new AsteriskLab(_directory);
        await lab.InitializeAsync();
        lab.Require();
        return lab;
    }

    private protected IReadOnlyList<Fault> Faults(string rule) => [.. AuditRules.All.Single(known => known.Id == rule).Check(AuditedPbx.OfCopy(_directory, AsteriskVersion.Assumed))];

    /// <summary>Each of the rules must find something, and what its edits say is written into the files.</summary>
    private protected void Mend(params string[] rules)
    {
        var edits = rules.SelectMany(rule =>
        {
            var found = Faults(rule).SelectMany(static fault => fault.Mend?.Edits ?? []).ToList();
            Assert.True(found.Count > 0, $"{rule} has nothing to mend");
            return found;
        }).ToLookup(static edit => edit.File);
        foreach (var file in edits)
        {
            var path = PathOf(file.Key);
            File.WriteAllBytes(path, EditedFile.Apply(File.Exists(path) ? File.ReadAllBytes(path) : null, [.. file]));
        }

        Assert.All(rules, rule => Assert.DoesNotContain(Faults(rule), static fault => fault.Mend is { Edits.Count: > 0 }));
    }
}
