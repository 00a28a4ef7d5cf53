using System.Runtime.CompilerServices;
using Ringfence.Core.Configuration;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class ConfigurationPageTests
{
    [Fact]
    public void The_reference_page_in_the_tree_is_fresh() => AssertFresh("docs/configuration.md", ConfigurationPage.Markdown());

    [Fact]
    public void The_example_file_in_the_tree_is_fresh() => AssertFresh("packaging/ringfence.conf.example", ConfigurationPage.Example());

    [Fact]
    public void The_dialplan_in_the_tree_is_what_is_printed()
    {
        var config = ConfigReader.Parse("r", "[calls]\ncountry = DE\noutside = 0\n[gate]\nlisten = 127.0.0.1:4573\n").Config!;

        AssertFresh("packaging/asterisk/ringfence-gate.conf", GateDialplan.Text(config.Gate, config.Gate.Listen!.ToString(), config.Calls.Rules!, NumberPlans.BuiltIn, freePbx: false));
    }

    [Fact]
    public void Every_key_stands_in_the_page_and_in_the_example()
    {
        Assert.All(ConfigKeys.All, key => Assert.Contains($"`{key.Name} = {key.Example}`", ConfigurationPage.Markdown(), StringComparison.Ordinal));
        Assert.All(ConfigKeys.All, key => Assert.Contains(
            key.IsUnset ? $"\n; example: {key.Name} = {key.Example}\n" : $"\n;{key.Name} = {key.Default}\n", ConfigurationPage.Example(), StringComparison.Ordinal));
        Assert.Equal(ConfigKeys.All.Count, ConfigKeys.All.Select(key => (key.Section, key.Name)).Distinct().Count());
    }

    [Fact]
    public void Every_section_has_keys_and_every_key_a_section() =>
        Assert.Equal(ConfigKeys.Sections.Select(section => section.Name), ConfigKeys.All.Select(key => key.Section).Distinct());

    [Fact]
    public void The_example_as_it_is_changes_nothing() =>
        Assert.Equal(RingfenceConfig.Default, ConfigReader.Parse("r", ConfigurationPage.Example()).Config);

    [Fact]
    public void The_example_with_every_semicolon_before_a_key_taken_away_is_the_default_configuration()
    {
        var text = string.Join('\n', ConfigurationPage.Example().Split('\n').Select(line => line.StartsWith(';') && !line.StartsWith("; ", StringComparison.Ordinal) ? line[1..] : line));

        var reading = ConfigReader.Parse("r", text);

        Assert.Empty(reading.Mistakes);
        Assert.Equal(RingfenceConfig.Default, reading.Config);
        Assert.Equal(ConfigKeys.All.Count(key => !key.IsUnset), text.Split('\n').Count(line => line.Contains(" = ", StringComparison.Ordinal) && !line.StartsWith(';')));
    }

    [Fact]
    public void Every_example_is_read_without_a_mistake() =>
        Assert.All(ConfigKeys.All, key => Assert.DoesNotContain(
            ConfigReader.Parse("r", $"[{key.Section}]\n{key.Name} = {key.Example}\n").Mistakes,
            mistake => (!NamedSections.Hold(key) || mistake.Place.Line > 1) && !(key.Section is PageKeys.Section or GateKeys.Section && mistake.Text.Contains(" is given", StringComparison.Ordinal)))); // one of one key lacks others

    [Fact]
    public void Every_default_that_can_be_written_down_is_the_default()
    {
        var writable = ConfigKeys.All.Where(key => !key.IsUnset);

        Assert.All(writable, key => Assert.Equal(RingfenceConfig.Default, ConfigReader.Parse("r", $"[{key.Section}]\n{key.Name} = {key.Default}\n").Config));
    }

    private static void AssertFresh(string path, string text, [CallerFilePath] string thisFile = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(thisFile)!, "../../..", path);
        if (Environment.GetEnvironmentVariable("RINGFENCE_UPDATE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using var writer = new StreamWriter(file);
            writer.Write(text);
        }

        Assert.True(File.Exists(file) && File.ReadAllText(file) == text, $"{path} is stale: RINGFENCE_UPDATE=1 writes it again");
    }
}
