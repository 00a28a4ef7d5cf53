using System.Text;
using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>Whatever stands in a PBX's files, the audit ends with an answer and no line is lost.</summary>
public sealed class MutatedConfigurationTests
{
    private const int Seed = 20261122;
    private const int Mutants = 300;

    [Fact]
    public void No_mutation_of_the_rules_own_examples_makes_a_rule_throw_or_a_line_vanish()
    {
        var seeded = new Random(Seed);
        var examples = AuditRules.All.SelectMany(rule => new[] { (rule.Bad, rule.ExampleFile), (rule.Good, rule.ExampleFile) }).Select(example => Files(example.Item1, example.Item2)).ToList();
        for (var i = 0; i < Mutants; i++)
        {
            var files = new BytesOf();
            foreach (var (name, text) in examples[seeded.Next(examples.Count)].Concat(examples[seeded.Next(examples.Count)]))
            {
                files.Content[$"/etc/asterisk/{name}"] = Mutated(text, examples, seeded);
            }

            var pbx = new PbxSnapshot("/etc/asterisk", files, i % 3 == 0 ? null : new AsteriskVersion(i % 2 == 0 ? 16 : 22), new Dictionary<string, string>());
            var result = Auditor.Run(pbx, AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken);

            Assert.All(pbx.FilesRead, file => Assert.Equal(file.Content, AsteriskFileTests.AllLines(file)));
            Assert.All(result.Findings, finding => Assert.DoesNotContain(finding.Fault.Text, static c => char.IsControl(c)));
            foreach (var edits in result.Findings.SelectMany(finding => finding.Fault.Mend?.Edits ?? []).GroupBy(edit => edit.File))
            {
                EditedFile.Apply(files.Read($"/etc/asterisk/{edits.Key}"), [.. edits]);
            }
        }
    }

    private static List<(string Name, string Text)> Files(string example, string first)
    {
        List<(string Name, string Text)> files = [];
        var name = first;
        var text = new StringBuilder();
        foreach (var line in example.Split('\n'))
        {
            if (line.StartsWith(";;; ", StringComparison.Ordinal))
            {
                files.Add((name, text.ToString()));
                name = line[4..].Replace("; here", "", StringComparison.Ordinal).Trim();
                text.Clear();
            }
            else
            {
                text.Append(line).Append('\n');
            }
        }

        files.Add((name, text.ToString()));
        return [.. files.Where(static file => file.Text.Length > 0 && !file.Name.StartsWith("fact ", StringComparison.Ordinal))];
    }

    private static byte[] Mutated(string text, List<List<(string Name, string Text)>> others, Random seeded)
    {
        var bytes = Encoding.UTF8.GetBytes(text).ToList();
        for (var i = seeded.Next(1, 12); i > 0 && bytes.Count > 2; i--)
        {
            var at = seeded.Next(bytes.Count);
            switch (seeded.Next(6))
            {
                case 0:
                    bytes[at] = (byte)seeded.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(seeded.Next(1, 20), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(seeded.Next(1, 60), bytes.Count - at)));
                    break;
                case 3:
                    bytes.InsertRange(at, "[]()!+=>;--,#\n\r\0\\${}&|"u8.ToArray().OrderBy(_ => seeded.Next()).Take(3));
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(others[seeded.Next(others.Count)].Select(static file => file.Text).FirstOrDefault("")));
                    break;
                default:
                    bytes.InsertRange(at, [0xff, 0xfe, 0xc3]);
                    break;
            }
        }

        return [.. bytes];
    }

    private sealed class BytesOf : IConfigFiles
    {
        public Dictionary<string, byte[]> Content { get; } = new(StringComparer.Ordinal);

        public IReadOnlyList<string> Match(string pattern) => [.. Content.Keys.Where(path => path.StartsWith(pattern[..Math.Max(0, pattern.IndexOf('*', StringComparison.Ordinal))], StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

        public byte[]? Read(string path) => Content.GetValueOrDefault(path);
    }
}
