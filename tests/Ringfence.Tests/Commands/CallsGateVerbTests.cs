using System.Text.Json;
using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.Tests.Commands;

public sealed class CallsGateVerbTests : IDisposable
{
    private const string Pjsip = "[1001]\ntype=endpoint\ncontext=phones\n[trunk]\ntype=endpoint\ncontext=from-trunk\naors=trunk\n[trunk]\ntype=aor\ncontact=sip:203.0.113.10\n[trunk]\ntype=identify\nendpoint=trunk\nmatch=203.0.113.10\n";

    private const string Asked = "#include ringfence-gate.conf\n[phones]\nexten => _0X.,1,Set(RINGFENCE_NUMBER=${EXTEN:1})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Dial(PJSIP/${FILTER(0-9*#+,${RINGFENCE_NUMBER})}@trunk)\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("ringfence-gate-").FullName;

    private static Console Console => new() { Config = ConfigReader.Parse("t.conf", "[calls]\ncountry = DE\noutside = 0\n[gate]\nlisten = 127.0.0.1:4573\n").Config! };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_is_printed_and_included_and_asked_on_every_way_is_fine()
    {
        var (code, output, errors) = await CheckAsync(Asked, isPrinted: true);

        Assert.Equal((ExitCode.Fine, "No way past the gate was found from phones, from-trunk.\n", ""), (code, output, errors));
    }

    [Fact]
    public async Task A_way_past_it_is_told_with_its_line_a_number_and_the_mend()
    {
        var (code, output, _) = await CheckAsync($"{Asked}exten => _9X.,1,Dial(PJSIP/${{EXTEN:1}}@trunk)\n", isPrinted: true);

        Assert.Equal(ExitCode.Found, code);
        Assert.StartsWith("past the gate: extensions.conf:6: a phone in context phones that dials 90044", output, StringComparison.Ordinal);
        Assert.Contains("\n  before this line: same => n,Set(RINGFENCE_NUMBER=${EXTEN:1}) and same => n,Gosub(ringfence-gate,s,1(trunk))\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_JSON_it_has_the_way_step_by_step()
    {
        var (code, output, _) = await CheckAsync($"{Asked[Asked.IndexOf('[', StringComparison.Ordinal)..]}exten => _9X.,1,NoOp()\n same => n,Dial(PJSIP/${{EXTEN:1}}@trunk)\nexten => 700,1,Dial(PJSIP/4930123@trunk)\nexten => 8,1,Stasis(app)\n", isPrinted: false, "--json");

        var report = JsonDocument.Parse(output).RootElement;
        var past = report.GetProperty("past")[0];
        Assert.Equal(ExitCode.Found, code);
        Assert.Equal(("extensions.conf:6", "phones", 2, 0), (past.GetProperty("place").GetString(), past.GetProperty("context").GetString(), past.GetProperty("way").GetArrayLength(), past.GetProperty("if").GetArrayLength()));
        Assert.Equal("4930123", report.GetProperty("fixed")[0].GetProperty("sent").GetString());
        Assert.Equal("extensions.conf", report.GetProperty("problems")[0].GetProperty("place").GetString());
        Assert.Contains("Stasis", report.GetProperty("not_followed")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(["phones", "from-trunk"], report.GetProperty("contexts").EnumerateArray().Select(static context => context.GetString()));
    }

    [Fact]
    public async Task Without_a_phone_or_a_country_it_says_what_it_could_not_do()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "extensions.conf"), "[phones]\n", TestContext.Current.CancellationToken);
        var (_, output, errors) = await new Console().RunAsync("calls", "gate", "--check", _directory);

        Assert.Contains("nothing was walked", output, StringComparison.Ordinal);
        Assert.DoesNotContain("No way past", output, StringComparison.Ordinal);
        Assert.Contains("the site's country is not known", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("country = US", true)]
    [InlineData("country = US\narea = 415", false)]
    [InlineData("country = DE", false)]
    public async Task Where_local_numbers_may_lack_their_area_code_that_is_asked_for(string calls, bool isAsked)
    {
        var (code, _, errors) = await new Console { Config = ConfigReader.Parse("t.conf", $"[calls]\n{calls}\n[gate]\nlisten = 127.0.0.1:4573\n").Config! }.RunAsync("calls", "gate", "--print");

        Assert.Equal((ExitCode.Fine, isAsked), (code, errors.Contains("[calls] has no area", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("--print", "--check")]
    [InlineData("--freepbx")]
    [InlineData("--print", "--json")]
    [InlineData("--print", "/etc/asterisk")]
    public async Task It_prints_or_checks(params string[] options) => Assert.Equal(ExitCode.Mistake, (await Console.RunAsync(["calls", "gate", .. options])).ExitCode);

    private async Task<(int Code, string Output, string Error)> CheckAsync(string extensions, bool isPrinted, params string[] more)
    {
        var stop = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(Path.Combine(_directory, "extensions.conf"), extensions, stop);
        await File.WriteAllTextAsync(Path.Combine(_directory, "pjsip.conf"), Pjsip, stop);
        if (isPrinted)
        {
            await File.WriteAllTextAsync(Path.Combine(_directory, "ringfence-gate.conf"), (await Console.RunAsync("calls", "gate", "--print")).Output, stop);
        }

        return await Console.RunAsync(["calls", "gate", "--check", _directory, .. more]);
    }
}
