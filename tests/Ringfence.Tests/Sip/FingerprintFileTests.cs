using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;
using Ringfence.Core.Sip;
using Xunit;

namespace Ringfence.Tests.Sip;

/// <summary>How files of fingerprints are read: what each key does, and what is said of mistakes.</summary>
public sealed class FingerprintFileTests
{
    private const string Request = """
        OPTIONS sip:100@192.0.2.1 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-1f2e3d4c;rport
        From: "probe"<sip:100@192.0.2.9>;tag=abc123
        To: <sip:100@192.0.2.1>;tag=77
        Call-ID: 20261122-1@probe
        CSeq: 7 OPTIONS
        Contact: <sip:100@192.0.2.9>
        Max-Forwards: 42
        User-Agent: Probe 1.2
        Accept: application/sdp
        Allow: INVITE, ACK
        Supported: path
        Expires: 60
        Content-Type: application/sdp

        v=0
        o=- 1 1 IN IP4 192.0.2.9
        s=probing
        t=0 0

        """;

    [Fact]
    public void The_file_that_is_built_in_has_no_mistake_and_says_of_each_fingerprint_where_it_is_from()
    {
        var mistakes = new List<ConfigMistake>();
        var file = FingerprintFile.Parse(FingerprintFile.BuiltInName, FingerprintFile.BuiltInText());

        var read = FingerprintFile.Read(file, mistakes);

        Assert.Equal([], mistakes);
        Assert.Equal(read.Count, Fingerprints.BuiltIn.Count);
        Assert.All(file.Sections, section => Assert.True(section["source"] is { Length: > 0 }, section.Name));
    }

    [Theory]
    [InlineData("user_agent = probe*")]
    [InlineData("user_agent = PROBE 1.2")]
    [InlineData("user_agent = other*\nuser_agent = Probe 1.*")]
    [InlineData("method = OPTIONS\nbranch = z9hG4bK-{hex 8}")]
    [InlineData("branch = z9hG4bK-{digits 1}{alnum 7}\nvia = SIP/2.0/UDP 192.0.2.9:{digits 4}*")]
    [InlineData("branch = z9hG4bK-{hex 6-}\nuri = sip:{digits}@*")]
    [InlineData("call_id = {digits 8}-{digits 1-3}@probe\nfrom = \"*\"<sip:*")]
    [InlineData("call_id = *@probe\nto = <sip:100@*\nto_tag = {digits 2}")]
    [InlineData("call_id = *@probe\nfrom_tag = {base36 6}\nlacks = Subject, Date")]
    [InlineData("headers = Via, From, To, Call-ID, ...\ncseq = {digits} OPTIONS")]
    [InlineData("headers = Via, Route?, From, To, Call-ID, CSeq, Contact, Max-Forwards, User-Agent?, Accept, Allow, Supported, Expires, Content-Type, Content-Length?\nmax_forwards = 42")]
    [InlineData("headers = From, Via, To, CSeq, ...\nheaders = Via, From, To, Call-ID, ...\naccept = application/sdp\nallow = INVITE*\nsupported = path\nexpires = {digits 2}")]
    [InlineData("headers = Via, From, To, Call-ID, ...\nsession = probing")]
    [InlineData("call_id = *@probe\ncontact = <sip:100@192.0.2.9>")]
    public void A_request_of_which_all_conditions_hold_is_the_tool_s(string conditions) => Assert.Equal("Probe", Found(conditions));

    [Theory]
    [InlineData("user_agent = probes*")]
    [InlineData("user_agent = Probe 1.\n")]
    [InlineData("user_agent = probe*\nmethod = REGISTER")]
    [InlineData("method = options\nbranch = z9hG4bK-{hex 8}")]
    [InlineData("method = OPTIONS\nbranch = z9hG4bK-{hex 7}")]
    [InlineData("method = OPTIONS\nbranch = z9hG4bK-{hex 9-20}")]
    [InlineData("method = OPTIONS\nbranch = z9hG4bK-{HEX 8}")]
    [InlineData("method = OPTIONS\nbranch = z9hG4bK-{digits}")]
    [InlineData("call_id = *@probe\nto_tag = {digits 3}")]
    [InlineData("call_id = *@probe\nlacks = Subject, m")]
    [InlineData("call_id = *@probe\nlacks = expires")]
    [InlineData("headers = via, From, To, Call-ID, ...\nmethod = OPTIONS")]
    [InlineData("headers = Via, From, To, Call-ID\nmethod = OPTIONS")]
    [InlineData("headers = Via, To, From, Call-ID, ...\nmethod = OPTIONS")]
    [InlineData("headers = Via, From, To, Call-ID, CSeq, Contact, Max-Forwards, User-Agent, Accept, Allow, Supported, Expires, Content-Type, Content-Length\nmethod = OPTIONS")]
    [InlineData("headers = Via, From, To, Call-ID, ...\ncseq = {digits}  OPTIONS")]
    [InlineData("headers = Via, From, To, Call-ID, ...\nsession = prob")]
    public void A_request_of_which_one_condition_does_not_hold_is_not_the_tool_s(string conditions) => Assert.Equal("", Found(conditions));

    [Theory]
    [InlineData("[a]\nuser_agnt = probe*", "f.conf:2: user_agnt is no key of a fingerprint: did you mean user_agent?")]
    [InlineData("[a]\nuser_agent = sip*", "f.conf:2: user_agent is \"sip*\": expected at least 4 characters as they are at the beginning, for whole makes of phones begin with fewer")]
    [InlineData("[a]\nuser_agent = *scan*", "f.conf:2: user_agent is \"*scan*\": expected \"*\" at the end alone")]
    [InlineData("[a]\nbranch = {digit 8}\nmethod = OPTIONS", "f.conf:2: branch is \"{digit 8}\": expected one of {digits}, {hex}, {HEX}, {base36}, {alnum}")]
    [InlineData("[a]\nbranch = {hex 8-4}\nmethod = OPTIONS", "f.conf:2: branch is \"{hex 8-4}\": expected how many of a kind as in {hex 8}, {hex 6-10} or {hex 6-}, at most 1024")]
    [InlineData("[a]\nbranch = {hex 8\nmethod = OPTIONS", "f.conf:2: branch is \"{hex 8\": expected a \"}\" behind each \"{\"")]
    [InlineData("[a]\nbranch = hex 8}\nmethod = OPTIONS", "f.conf:2: branch is \"hex 8}\": expected a \"{\" before each \"}\"")]
    [InlineData("[a]\nbranch = {hex 4-8}ab\nmethod = OPTIONS", "f.conf:2: branch is \"{hex 4-8}ab\": expected something behind a kind of any length that is not of that kind")]
    [InlineData("[a]\nbranch = x*{hex 8}\nmethod = OPTIONS", "f.conf:2: branch is \"x*{hex 8}\": expected characters as they are behind \"*\"")]
    [InlineData("[a]\nbranch = *\nmethod = OPTIONS", "f.conf:2: branch is \"*\": expected a condition that does not hold of everything")]
    [InlineData("[a]\nheaders = Via, From\nmethod = OPTIONS", "f.conf:2: headers is \"Via, From\": expected names of headers with commas between them, 4 to 64, such as Via, To, From, User-Agent?, CSeq, ...")]
    [InlineData("[a]\ncall_id = {hex 8}\nlacks = a b", "f.conf:3: lacks is \"a b\": expected names of headers with commas between them")]
    [InlineData("[a]\nuse = perhaps", "f.conf:2: use is \"perhaps\": expected yes or no")]
    [InlineData("[a]\nname =\nuser_agent = probe*", "f.conf:2: the name is \"\": expected 1 to 40 printable ASCII characters")]
    [InlineData("\n[a]\nname = A", "f.conf:2: [a] says too little, and phones could look like it: expected user_agent, or branch, call_id or headers together with another condition")]
    [InlineData("[a]\nfrom_tag = {hex 8}\nmax_forwards = 70", "f.conf:1: [a] says too little, and phones could look like it: expected user_agent, or branch, call_id or headers together with another condition")]
    [InlineData("[a]\nuser_agent = probe*\n[A]\nuser_agent = probe*", "f.conf:3: [A] is there again: expected each fingerprint once")]
    public void A_mistake_is_told_with_its_place_what_was_found_and_what_was_expected(string file, string expected)
    {
        var mistakes = new List<ConfigMistake>();

        FingerprintFile.Read(FingerprintFile.Parse("f.conf", Encoding.UTF8.GetBytes(file)), mistakes);

        Assert.Equal([expected], mistakes.Select(mistake => mistake.ToString()));
    }

    [Fact]
    public void A_file_of_the_operator_s_adds_to_those_that_are_built_in_replaces_one_and_turns_one_off()
    {
        var file = FingerprintFile.Parse("f.conf", """
            [probe]
            name = Probe
            user_agent = probe*

            [sipcli]
            name = our own sipcli
            user_agent = sipcli*

            [Gulp]
            use = no
            """u8.ToArray());
        var mistakes = new List<ConfigMistake>();

        var prints = FingerprintFile.With(file, mistakes);

        Assert.Equal([], mistakes);
        Assert.Equal("Probe", Find(prints, Request));
        Assert.Equal("our own sipcli", Find(prints, Request.Replace("Probe 1.2", "sipcli/v1.8", StringComparison.Ordinal)));
        Assert.Equal("", Find(prints, Request.Replace("Probe 1.2", "Gulp", StringComparison.Ordinal)));
        Assert.Equal("SIPVicious", Find(prints, Request.Replace("Probe 1.2", "friendly-scanner", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_configuration_names_the_file_and_tells_its_mistakes_with_its_own()
    {
        var files = new Files
        {
            ["/etc/ringfence/ringfence.conf"] = "[detect]\nfingerprints = /etc/ringfence/prints.conf\nwithin = 1\n",
            ["/etc/ringfence/prints.conf"] = "[probe]\nuser_agent = probe*\nbranch = {hexx}\n",
        };

        var reading = ConfigReader.Read("/etc/ringfence/ringfence.conf", files);

        Assert.Null(reading.Config);
        Assert.Equal(["ringfence.conf:3", "prints.conf:3"], reading.Mistakes.Select(mistake => mistake.Place.ToString()));

        files["/etc/ringfence/prints.conf"] = "[probe]\nuser_agent = probe*\n";
        files["/etc/ringfence/ringfence.conf"] = "[detect]\nfingerprints = /etc/ringfence/prints.conf\n";
        Assert.Equal("probe", Find(ConfigReader.Read("/etc/ringfence/ringfence.conf", files).Config!.Detection.Fingerprints!, Request));
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_mistake_where_it_is_named()
    {
        var files = new Files { ["/etc/ringfence/ringfence.conf"] = "[detect]\nfingerprints = /nowhere.conf\n" };

        var reading = ConfigReader.Read("/etc/ringfence/ringfence.conf", files);

        Assert.Equal(["ringfence.conf:2: fingerprints is \"/nowhere.conf\": expected a file that can be read"], reading.Mistakes.Select(mistake => mistake.ToString()));
    }

    private static string Found(string conditions)
    {
        var mistakes = new List<ConfigMistake>();
        var read = FingerprintFile.Read(FingerprintFile.Parse("f.conf", Encoding.UTF8.GetBytes($"[probe]\nname = Probe\n{conditions}\n")), mistakes);
        Assert.Equal([], mistakes);
        return Find(new Fingerprints([.. read.Values.OfType<Fingerprint>()]), Request);
    }

    private static string Find(Fingerprints prints, string request)
    {
        var message = Encoding.ASCII.GetBytes(request.ReplaceLineEndings("\r\n"));
        return Encoding.ASCII.GetString(prints.Find(SipMessage.Parse(message), message));
    }

    private sealed class Files : Dictionary<string, string>, IConfigFiles
    {
        public IReadOnlyList<string> Match(string pattern) => [.. Keys.Where(path => path == pattern)];

        public byte[]? Read(string path) => TryGetValue(path, out var text) ? Encoding.UTF8.GetBytes(text) : null;
    }
}
