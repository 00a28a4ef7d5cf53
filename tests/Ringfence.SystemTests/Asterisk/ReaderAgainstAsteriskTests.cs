using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>What is read of hundreds of made-up trees of files, against what a real Asterisk 22 says that it read of them (AMI, GetConfig).</summary>
public sealed partial class ReaderAgainstAsteriskTests
{
    private const int Trees = 1_500;
    private const string Refused = "refused";

    private static readonly string[] Files = ["m.conf", "f1.conf", "f2.conf", "sub/f3.conf", "f4.inc"];
    private static readonly string[] Names = ["a", "b", "c", "A", "b c", "", "long-" + new string('n', 90)];
    private static readonly string[] Settings = ["k", "K", "m", "type", "\\[k", "\\#k", "k k"];
    private static readonly string[] Values = ["1", "2", "endpoint", "aor", "x y", "", "a\\;b", "v ; comment", "v;-- in --; out", "v;--- all", "=", "> 1", "a\\\\;b", "--;", "\t9\t", "end\\;-- a"];
    private static readonly string[] Filters = ["type=endpoint", "type=end.*", "type=^aor$", "TYPE=aor", "type", "type=", "k=1&type=a", "TEMPLATES=include", "type=a&TEMPLATES=restrict", " k = 1|2 ", "k|m=x"];
    private static readonly string[] Patterns = ["f1.conf", "f?.conf", "{f2,f1}.conf", "[f]1.conf", "sub/*.conf", "sub/../f4.inc", "\\f1.conf", "{none,f2}.conf", "*.inc", "*/f3.conf", "f[!2].conf", "\"f1.conf\"", "<f2.conf>", "./f4.inc", "none.conf", "no*.conf", "sub"];

    private static readonly string[] Odd =
    [
        "", "", "; comment", "junk", "= x", "#foo", "#include", ";--", "--;", "[open", "[a](b", "\\", "k = " + new string('x', 8_186), "k = " + new string('x', 8_187), "\r", "k=1\0=2", ";; ;-- x --; k=3", "+= 4", "k =+ 5", "[a]x(b)", "  [c]  ",
    ];

    [Fact]
    public async Task Every_file_is_read_as_Asterisk_reads_it()
    {
        var stop = TestContext.Current.CancellationToken;
        var directory = Directory.CreateTempSubdirectory("ringfence-reader-");
        try
        {
            PlanLab.Write(directory.FullName, "[none]\n");
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "manager.conf"), "[general]\nenabled=yes\nbindaddr=127.0.0.1\nport=5038\n[reader]\nsecret=reads-files\nread=all\nwrite=config,system\n", stop);
            await using var lab = new AsteriskLab(directory.FullName);
            await lab.InitializeAsync();
            lab.Require();
            var etc = Path.Combine(lab.Directory, "etc");
            for (var tree = 0; tree < Trees; tree++)
            {
                await WriteAsync(Path.Combine(etc, $"t{tree}"), tree, stop);
            }

            var answers = await AskAsync(lab, stop);

            Assert.Equal(Trees, answers.Count);
            List<string> wrong = [];
            var (compared, refused) = (0, 0);
            for (var tree = 0; tree < Trees; tree++)
            {
                var config = AsteriskConfig.Read($"t{tree}/m.conf", etc, new ConfigDirectory());
                // Asterisk reads on behind no mistake; what it would have found there can't be compared.
                if (config.Problems.Any(problem => problem.IsUnread || (problem.StopsReading && problem.Place.File != $"t{tree}/m.conf")))
                {
                    continue;
                }

                compared++;
                var (read, asterisk) = (Shown(config), answers[tree]);
                refused += asterisk == Refused ? 1 : 0;
                if (read != asterisk)
                {
                    wrong.Add($"t{tree}, read here:\n{read}\nby Asterisk:\n{asterisk}\nof:\n{await File.ReadAllTextAsync(Path.Combine(etc, $"t{tree}", "m.conf"), Encoding.Latin1, stop)}\n{string.Join('\n', config.Problems)}");
                }
            }

            Assert.True(wrong.Count == 0, $"{wrong.Count} of {compared}\n{string.Join("\n\n", wrong.Take(5))}");
            Assert.InRange(compared, Trees / 3, Trees);
            Assert.InRange(refused, Trees / 20, compared * 3 / 4);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string Shown(AsteriskConfig config) => config.Problems.Any(static problem => problem.StopsReading)
        ? Refused
        : string.Join('\n', config.Sections.SelectMany(static section => section.Settings.Select(static setting => $"{setting.Name}={setting.Value}").Prepend($"[{section.Name}]")));

    private static async Task WriteAsync(string directory, int tree, CancellationToken stop)
    {
        var seeded = new Random(tree);
        Directory.CreateDirectory(Path.Combine(directory, "sub"));
        for (var file = 0; file < Files.Length; file++)
        {
            var text = new StringBuilder(seeded.Next(12) == 0 ? "\u00ef\u00bb\u00bf" : "");
            var length = seeded.Next(file == 0 ? 14 : 6);
            text.Append(file == 0 || seeded.Next(3) == 0 ? Section(seeded) + "\n" : "");
            for (var line = 0; line < length; line++)
            {
                text.Append(Line(seeded, $"t{tree}", isFirst: file == 0)).Append('\n');
            }

            await File.WriteAllTextAsync(Path.Combine(directory, Files[file]), text.ToString(), Encoding.Latin1, stop);
        }
    }

    // Only the first file includes others: one that includes itself is known to be read otherwise.
    private static string Line(Random seeded, string tree, bool isFirst) => seeded.Next(20) switch
    {
        < 5 => Section(seeded),
        < 15 => $"{Of(Settings, seeded)}{Blank(seeded)}{Of(["=", "=", "=>", "+=", "+="], seeded)}{Blank(seeded)}{Of(Values, seeded)}",
        < 18 when isFirst => $"{Of(["#include", "#tryinclude", "#tryinclude", "#TryInclude"], seeded)} {Included(Of(Patterns, seeded), tree)}",
        18 => Of(Odd, seeded),
        _ => "k=1",
    };

    private static string Included(string pattern, string tree) => pattern[0] is '"' or '<' ? $"{pattern[0]}{tree}/{pattern[1..]}" : $"{tree}/{pattern}";

    private static string Section(Random seeded) => $"[{Of(Names, seeded)}]" + seeded.Next(14) switch
    {
        < 6 => "",
        6 or 7 => "(!)",
        8 => $"({Of(Names, seeded)})",
        9 => $"({Of(Names, seeded)},{Of(Names, seeded)})",
        10 => "(+)",
        11 => Of(["(!,+)", "(+,!)", "()", "(a,)", "( a)", "(a, b)", "(!,a)"], seeded),
        _ => $"(+{Of(Filters, seeded)})",
    };

    private static string Blank(Random seeded) => seeded.Next(2) == 0 ? " " : "";

    private static string Of(string[] from, Random seeded) => from[seeded.Next(from.Length)];

    private static async Task<Dictionary<int, string>> AskAsync(AsteriskLab lab, CancellationToken stop)
    {
        var asked = string.Concat(Enumerable.Range(0, Trees).Select(static tree => $"Action: GetConfig\r\nActionID: t{tree}\r\nFilename: t{tree}/m.conf\r\n\r\n"));
        var script = Path.Combine(lab.Directory, "asked");
        await File.WriteAllTextAsync(script, $"Action: Login\r\nUsername: reader\r\nSecret: reads-files\r\nEvents: off\r\n\r\n{asked}Action: Logoff\r\n\r\n", stop);
        // Neither side waits for the other to have read: what is asked is more than a socket holds.
        var run = await lab.RunAsync("pbx", ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5038; cat \"$1\" >&3 & cat <&3", "bash", script], TimeSpan.FromMinutes(2), stop);
        return Answers().Matches(run.Output.Replace("\r", "", StringComparison.Ordinal)).ToDictionary(static match => int.Parse(match.Groups["tree"].Value, System.Globalization.CultureInfo.InvariantCulture), static match => Read(match.Groups["text"].Value));
    }

    private static string Read(string answer) => answer.Contains("Response: Error", StringComparison.Ordinal)
        ? Refused
        : string.Join('\n', Told().Matches(answer).Select(static match => match.Groups["section"].Success ? $"[{match.Groups["section"].Value}]" : match.Groups["setting"].Value));

    [GeneratedRegex(@"^(?<text>Response: \w+\nActionID: t(?<tree>\d+)\n(.+\n)*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Answers();

    [GeneratedRegex(@"^(Category-\d+: ?(?<section>.*)|Line-\d+-\d+: ?(?<setting>.*))$", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Told();
}
