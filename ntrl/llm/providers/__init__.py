"""The providers: one small class per protocol, chosen by the configuration."""

from collections.abc import Mapping

from ntrl.llm.providers.anthropic_messages import AnthropicMessages
from ntrl.llm.providers.base import Provider
from ntrl.llm.providers.openai_chat import OpenAIChat
from ntrl.llm.types import ProviderConfig, ProviderName


def make_providers(configs: Mapping[ProviderName, ProviderConfig]) -> dict[ProviderName, Provider]:
    """Make the providers that are set up; no SDK is loaded and nothing is sent yet."""
    return {name: make_provider(config) for name, config in configs.items() if config.is_set_up}


def make_provider(config: ProviderConfig) -> Provider:
    """Make one."""
    return AnthropicMessages(config) if config.name == ProviderName.ANTHROPIC else OpenAIChat(config)
