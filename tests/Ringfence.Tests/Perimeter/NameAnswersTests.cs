using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Events;
using Ringfence.Core.Perimeter;
using Xunit;

namespace Ringfence.Tests.Perimeter;

/// <summary>Each name of a policy keeps its last addresses by itself.</summary>
public sealed class NameAnswersTests
{
    private static readonly string[] Names = ["home.example.com", "office.example.com", "trunk.example.net"];

    [Fact]
    public void Each_name_has_its_newest_answer_else_what_was_confirmed_whatever_the_others_do() => Prop.ForAll<byte[], byte[], bool[]>(EachByItself).QuickCheckThrowOnFailure();

    [Fact]
    public void What_a_script_says_of_names_is_read_back_and_no_name_ends_its_line() => Prop.ForAll<NonNull<string>, byte[]>(IsReadBack).QuickCheckThrowOnFailure();

    private static bool EachByItself(byte[] answered, byte[] confirmed, bool[] fails)
    {
        var before = Names.Index().Where(name => At(confirmed, name.Index) % 3 != 0).ToDictionary(static name => name.Item, name => One(100 + (At(confirmed, name.Index) % 50)));
        var asked = Names.Index().Select(name => (Name: name.Item, Addresses: At(answered, name.Index) % 2 == 0 ? [] : One(At(answered, name.Index) % 100), Problem: fails.ElementAtOrDefault(name.Index) ? "no such host" : null)).ToList();

        var answers = NameAnswers.Of(asked, before);

        return asked.TrueForAll(one => answers.AddressesOf(one.Name).SequenceEqual(one.Addresses.Count > 0 ? one.Addresses : before.GetValueOrDefault(one.Name) ?? []))
            && answers.Problems.Count == asked.Count(static one => one.Problem is not null)
            && answers.Stale.SequenceEqual(asked.Where(one => one.Problem is not null && answers.AddressesOf(one.Name).Count > 0).Select(static one => one.Name));
    }

    private static bool IsReadBack(NonNull<string> text, byte[] addresses)
    {
        var name = text.Get;
        var policy = new Policy(new Zone(ZoneSettings.Trusted, [], [], new Dictionary<Network, string>()), []) { Answers = new Dictionary<string, IReadOnlyList<Address>> { [$"x{name}"] = [.. addresses.Select(static one => One(one)[0])] } };

        var script = PolicyScripts.Load(policy);
        var read = NftPolicy.AnswersIn(script);

        return read.Count == 0
            ? name.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c))
            : Assert.Single(read) is var (same, ofName) && same == $"x{name}" && ofName.SequenceEqual(policy.Answers[same]) && script.Split('\n').All(static line => line.Length == 0 || line[0] is '#' or 'a' or 'd' or 'f');
    }

    private static int At(byte[] bytes, int index) => index < bytes.Length ? bytes[index] : 0;

    private static IReadOnlyList<Address> One(int last) => [Address.Parse($"203.0.113.{last % 256}")!.Value];
}
